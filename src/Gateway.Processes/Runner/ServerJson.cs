using System.Globalization;
using System.Text.Json;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>
/// The runner's half of the JSON, by hand: the serializer's metadata cost it about 7 MB, a sixth of the memory that it may use, for as
/// long as any run lives. The worker's half is <see cref="RunnerJson"/>; a test holds the two together.
/// </summary>
internal static class ServerJson
{
    /// <exception cref="InvalidDataException">It is no request of this protocol.</exception>
    public static RunnerRequest ReadRequest(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return Request(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("A frame holds no request of this protocol: " + fault.Message, fault);
        }
    }

    public static byte[] Write(RunnerReply reply) => Write(json =>
    {
        json.WriteString("kind", reply.Kind.ToString());
        json.WriteNumber("sequence", reply.Sequence);
        json.WriteString("workerId", reply.WorkerId);
        json.WriteNumber("epoch", reply.Epoch);
        if (reply.Error is not null)
        {
            json.WriteString("error", reply.Error);
        }

        if (reply.Info is { } info)
        {
            json.WriteStartObject("info");
            json.WriteNumber("processId", info.ProcessId);
            json.WriteString("version", info.Version);
            json.WriteString("containment", info.Containment);
            json.WriteEndObject();
        }

        if (reply.Runs is { } runs)
        {
            json.WriteStartArray("runs");
            foreach (var run in runs)
            {
                json.WriteStartObject();
                State(json, run);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    });

    public static byte[] Write(RunEnd end) => Write(json => End(json, end));

    public static byte[] Write(RunnerIdentity identity) => Write(json =>
    {
        json.WriteString("workerId", identity.WorkerId);
        json.WriteNumber("epoch", identity.Epoch);
    });

    public static byte[] Write(RunSpec spec) => Write(json =>
    {
        Id(json, spec.Id);
        json.WriteString("program", spec.Program);
        Texts(json, "arguments", spec.Arguments);
        json.WriteStartObject("environment");
        foreach (var (name, value) in spec.Environment)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("workingDirectory", spec.WorkingDirectory);
        if (spec.WorkingDirectoryIdentity is { } identity)
        {
            json.WriteStartObject("workingDirectoryIdentity");
            json.WriteNumber("device", identity.Device);
            json.WriteNumber("inode", identity.Inode);
            json.WriteEndObject();
        }

        Span(json, "timeout", spec.Timeout);
        Span(json, "idleTimeout", spec.IdleTimeout);
        Span(json, "deadline", spec.Deadline);
        Span(json, "stopGrace", spec.StopGrace);
        json.WriteNumber("outputCapBytes", spec.OutputCapBytes);
        json.WriteStartObject("sandbox");
        json.WriteString("mode", spec.Sandbox.Mode.ToString());
        Texts(json, "writablePaths", spec.Sandbox.WritablePaths);
        Texts(json, "readOnlyPaths", spec.Sandbox.ReadOnlyPaths);
        Texts(json, "pins", spec.Sandbox.Pins);
        json.WriteEndObject();
        if (spec.Limits is { } limits)
        {
            Limits(json, limits);
        }
    });

    private static void Limits(Utf8JsonWriter json, RunLimits limits)
    {
        json.WriteStartObject("limits");
        Number(json, "memoryBytes", limits.MemoryBytes);
        Number(json, "processes", limits.Processes);
        if (limits.CpuTime is { } cpu)
        {
            Span(json, "cpuTime", cpu);
        }

        Number(json, "fileBytes", limits.FileBytes);
        json.WriteEndObject();
    }

    private static RunLimits Limits(JsonElement json) => new()
    {
        MemoryBytes = json.TryGetProperty("memoryBytes", out var memory) ? memory.GetInt64() : null,
        Processes = json.TryGetProperty("processes", out var processes) ? processes.GetInt32() : null,
        CpuTime = json.TryGetProperty("cpuTime", out var cpu) ? Span(cpu) : null,
        FileBytes = json.TryGetProperty("fileBytes", out var file) ? file.GetInt64() : null,
    };

    private static void Number(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    public static RunnerIdentity ReadIdentity(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        return new(document.RootElement.GetProperty("workerId").GetGuid(), document.RootElement.GetProperty("epoch").GetInt64());
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return memory.ToArray();
    }

    private static RunnerRequest Request(JsonElement json) => new()
    {
        Kind = KindOf(json.GetProperty("kind").GetString()),
        Sequence = json.GetProperty("sequence").GetInt64(),
        Version = json.GetProperty("version").GetInt32(),
        Spec = json.TryGetProperty("spec", out var spec) ? Spec(spec) : null,
        StdinFile = json.TryGetProperty("stdinFile", out var stdin) ? stdin.GetString() : null,
        SecretVariable = json.TryGetProperty("secretVariable", out var variable) ? variable.GetString() : null,
        SecretValue = json.TryGetProperty("secretValue", out var value) ? value.GetBytesFromBase64() : null,
        Runs = json.TryGetProperty("runs", out var runs) ? [.. runs.EnumerateArray().Select(Id)] : null,
        Span = Span(json.GetProperty("span")),
    };

    private static RunSpec Spec(JsonElement json)
    {
        var sandbox = json.GetProperty("sandbox");
        return new()
        {
            Id = Id(json.GetProperty("id")),
            Program = Text(json.GetProperty("program")),
            Arguments = Texts(json.GetProperty("arguments")),
            Environment = json.GetProperty("environment").EnumerateObject().ToDictionary(pair => pair.Name, pair => Text(pair.Value)),
            WorkingDirectory = Text(json.GetProperty("workingDirectory")),
            WorkingDirectoryIdentity = json.TryGetProperty("workingDirectoryIdentity", out var identity)
                ? new(identity.GetProperty("device").GetUInt64(), identity.GetProperty("inode").GetUInt64())
                : null,
            Timeout = Span(json.GetProperty("timeout")),
            IdleTimeout = Span(json.GetProperty("idleTimeout")),
            Deadline = Span(json.GetProperty("deadline")),
            StopGrace = Span(json.GetProperty("stopGrace")),
            OutputCapBytes = json.GetProperty("outputCapBytes").GetInt64(),
            Sandbox = new RunSandbox
            {
                Mode = sandbox.GetProperty("mode").GetString() switch
                {
                    nameof(SandboxMode.None) => SandboxMode.None,
                    nameof(SandboxMode.Process) => SandboxMode.Process,
                    nameof(SandboxMode.Workspace) => SandboxMode.Workspace,
                    var other => throw new FormatException($"Sandbox mode '{other}' is unknown."),
                },
                WritablePaths = Texts(sandbox.GetProperty("writablePaths")),
                ReadOnlyPaths = Texts(sandbox.GetProperty("readOnlyPaths")),
                Pins = sandbox.TryGetProperty("pins", out var pins) ? Texts(pins) : [],
            },
            Limits = json.TryGetProperty("limits", out var limits) ? Limits(limits) : null,
        };
    }

    private static void State(Utf8JsonWriter json, RunState state)
    {
        Id(json, state.Id);
        Time(json, "startedAt", state.StartedAt);
        json.WriteNumber("stdoutBytes", state.StdoutBytes);
        json.WriteNumber("stderrBytes", state.StderrBytes);
        if (state.End is not null)
        {
            json.WriteStartObject("end");
            End(json, state.End);
            json.WriteEndObject();
        }
    }

    private static void End(Utf8JsonWriter json, RunEnd end)
    {
        json.WriteString("reason", end.Reason.ToString());
        if (end.Limit is { } limit)
        {
            json.WriteString("limit", limit.ToString());
        }

        if (end.ExitCode is { } code)
        {
            json.WriteNumber("exitCode", code);
        }

        if (end.Signal is not null)
        {
            json.WriteString("signal", end.Signal);
        }

        Time(json, "startedAt", end.StartedAt);
        json.WriteString("endedAt", end.EndedAt);
        Span(json, "duration", end.Duration);
        json.WriteNumber("stdoutBytes", end.StdoutBytes);
        json.WriteNumber("stderrBytes", end.StderrBytes);
        json.WriteNumber("droppedBytes", end.DroppedBytes);
        json.WriteBoolean("truncated", end.Truncated);
        json.WriteBoolean("stdinFullyRead", end.StdinFullyRead);
        if (end.StartError is not null)
        {
            json.WriteString("startError", end.StartError);
        }
    }

    private static void Id(Utf8JsonWriter json, RunId id)
    {
        json.WriteStartObject("id");
        json.WriteString("jobId", id.JobId);
        json.WriteNumber("attempt", id.Attempt);
        json.WriteEndObject();
    }

    private static RunId Id(JsonElement json) => new(json.GetProperty("jobId").GetGuid(), json.GetProperty("attempt").GetInt32());

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string[] Texts(JsonElement json) => [.. json.EnumerateArray().Select(Text)];

    private static string Text(JsonElement json) => json.GetString() ?? throw new FormatException("A text is null.");

    private static void Span(Utf8JsonWriter json, string name, TimeSpan span) => json.WriteString(name, span.ToString("c", CultureInfo.InvariantCulture));

    private static TimeSpan Span(JsonElement json) => TimeSpan.ParseExact(Text(json), "c", CultureInfo.InvariantCulture);

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value);
        }
    }

    private static RequestKind KindOf(string? name) => name switch
    {
        nameof(RequestKind.Hello) => RequestKind.Hello,
        nameof(RequestKind.Start) => RequestKind.Start,
        nameof(RequestKind.Renew) => RequestKind.Renew,
        nameof(RequestKind.Stop) => RequestKind.Stop,
        nameof(RequestKind.Release) => RequestKind.Release,
        _ => throw new FormatException($"Request '{name}' is unknown."),
    };
}
