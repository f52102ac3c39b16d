using System.Text.Json.Nodes;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub.Scenarios;

/// <summary>Every scenario by name. A scenario is a pure function of the request, except for those that fail the first k times.</summary>
internal static class ScenarioBook
{
    /// <summary>Directives that shape the way of an answer instead of choosing it.</summary>
    private static readonly string[] Modifiers = ["gate", "slow"];

    private static readonly Dictionary<string, Func<ModelRequest, Directive, Reply>> Scenarios = new(StringComparer.Ordinal)
    {
        ["text"] = (_, d) => Reply.Say(d.Arguments),
        ["long"] = (_, d) => Reply.Say(Lines(d.Number(0, 1_000_000))),
        ["thinking"] = (r, d) => new Reply { Blocks = [new Block.Thinking("Let me think about it."), new Block.Text(d.Arguments is { Length: > 0 } text ? text : Echo(r))] },
        ["max-tokens"] = (_, _) => Reply.Say("This answer is cut") with { StopReason = "max_tokens" },
        ["refusal"] = (_, _) => Reply.Say("") with { StopReason = "refusal" },
        ["huge"] = (r, d) => Reply.Say(Echo(r)) with { OutputTokens = d.Number(0, 1_000_000) },
        ["huge-loop"] = (r, d) => Bash($"echo step {r.Step}") with { OutputTokens = d.Number(0, 1_000_000) },
        ["bash"] = (r, d) => Steps(r, Bash(d.Arguments)),
        ["denied"] = (r, d) => Steps(r, Bash(d.Arguments is { Length: > 0 } command ? command : "curl -s http://127.0.0.1:9/")),
        ["loop"] = (r, _) => Bash($"echo step {r.Step}"),
        ["parallel"] = (r, _) => Steps(r, new Reply { Blocks = [.. Bash("echo first").Blocks, .. Bash("echo second").Blocks], StopReason = "tool_use" }),
        ["tool"] = (r, d) => Steps(r, Tool(d)),
        ["unknown-tool"] = (r, _) => Steps(r, Reply.Use("NoSuchTool", [])),
        ["hold"] = (r, d) => Steps(r, Bash((d.Arguments is { Length: > 0 } file ? $"touch {file}; " : "") + "tail -f /dev/null")),
        ["daemon"] = (r, d) => Steps(r, Bash($"setsid sleep {d.Number(0, 3600)} >/dev/null 2>&1 </dev/null & echo started")),
        ["env"] = (r, _) => Steps(r, Bash("env")),
        ["environ"] = (r, _) => Steps(r, Bash("cat /proc/$CLAUDE_PID/environ | tr '\\0' '\\n'")),
        ["fds"] = (r, _) => Steps(r, Bash("ls -l /proc/self/fd /proc/$CLAUDE_PID/fd; cat <&3 2>/dev/null")),
        ["write"] = (r, d) => Steps(r, Write(FileAndText(d))),
        ["outside"] = (r, d) => Steps(r, Write((d.Arguments is { Length: > 0 } path ? path : "/outside.txt", "written outside\n"))),
        ["edit"] = Editing,
        ["edit-run"] = EditRun,
        ["agent"] = (r, d) => Steps(r, Reply.Use("Agent", new JsonObject { ["description"] = "helper", ["prompt"] = $"[[stub:text {d.Arguments}]]", ["subagent_type"] = "general-purpose" })),
        ["structured"] = (r, d) => Steps(r, Structured(d.Arguments is { Length: > 0 } json ? json : """{"answer":"42"}""")),
        ["structured-wrong"] = (_, _) => Structured("""{"not":"what was asked"}"""),
        ["structured-never"] = (r, _) => Reply.Say(Echo(r)),
        ["drop"] = (r, _) => Reply.Say(Echo(r)) with { Fault = StreamFault.DropBefore },
        ["drop-mid"] = (r, _) => Reply.Say(Echo(r)) with { Fault = StreamFault.DropInTheMiddle },
        ["hang"] = (r, _) => Reply.Say(Echo(r)) with { Fault = StreamFault.HangBefore },
        ["hang-mid"] = (r, _) => Reply.Say(Echo(r)) with { Fault = StreamFault.HangInTheMiddle },
        ["sse-error"] = (r, _) => r.Streaming ? Reply.Say(Echo(r)) with { Fault = StreamFault.ErrorEvent } : Reply.Fail(500, "api_error", "Internal server error"),
        ["400-too-long"] = (_, _) => Reply.Fail(400, "invalid_request_error", "prompt is too long: 1200000 tokens > 1000000 maximum"),
        ["400-credit"] = (_, _) => Reply.Fail(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."),
        ["401"] = (r, d) => FirstTimes(r, d, Reply.Fail(401, "authentication_error", "invalid x-api-key")),
        ["403"] = (r, d) => FirstTimes(r, d, Reply.Fail(403, "permission_error", "Your API key does not have permission to use the specified resource.")),
        ["404"] = (r, _) => Reply.Fail(404, "not_found_error", $"model: {r.Model}"),
        ["429"] = (r, d) => FirstTimes(r, d, Reply.Fail(429, "rate_limit_error", "This request would exceed your organization's rate limit.", (int)d.Number(1, 1))),
        ["usage-limit"] = UsageLimit,
        ["500"] = (r, d) => FirstTimes(r, d, Reply.Fail(500, "api_error", "Internal server error")),
        ["503"] = (r, d) => FirstTimes(r, d, Reply.Fail(503, "api_error", "Service unavailable")),
        ["529"] = (r, d) => FirstTimes(r, d, Reply.Fail(529, "overloaded_error", "Overloaded")),
    };

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Hits = new();
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, DateTimeOffset> Resets = new();

    /// <summary>Name of the scenario that answers this request.</summary>
    public static string NameOf(ModelRequest request) => Chosen(request)?.Name ?? "echo";

    public static Reply Play(ModelRequest request) => Chosen(request) switch
    {
        null => Reply.Say(Echo(request)),
        var d when Scenarios.TryGetValue(d.Name, out var scenario) => scenario(request, d),
        var d => Reply.Fail(400, "invalid_request_error", $"The stub has no scenario '{d.Name}'. It has: {string.Join(", ", Scenarios.Keys)}."),
    };

    private static Directive? Chosen(ModelRequest request) => request.Directives.FirstOrDefault(d => !Modifiers.Contains(d.Name));

    private static string Echo(ModelRequest request) =>
        request.Prompt.TrimEnd('.', '!', ' ').Equals("say hello", StringComparison.OrdinalIgnoreCase)
            ? "Hello! It is good to meet you. What shall we build today?"
            : $"You said: {request.Prompt}";

    /// <summary>Plays the given tool calls one a step, then tells what the last of them answered.</summary>
    private static Reply Steps(ModelRequest request, params Reply[] tools) =>
        request.Step < tools.Length ? tools[request.Step] : Reply.Say($"The tool said: {request.LastToolResult}");

    private static Reply Bash(string command) => Reply.Use("Bash", new JsonObject { ["command"] = command, ["description"] = "Run a command" });

    // Of a server that is not ours: its name, then what it is given.
    private static Reply Tool(Directive directive)
    {
        var parts = directive.Arguments.Split(' ', 2, StringSplitOptions.TrimEntries);
        return Reply.Use(parts[0], parts.Length > 1 ? JsonNode.Parse(parts[1])!.AsObject() : []);
    }

    private static Reply Write((string Path, string Content) file) => Reply.Use("Write", new JsonObject { ["file_path"] = file.Path, ["content"] = file.Content });

    private static Reply Read(string path) => Reply.Use("Read", new JsonObject { ["file_path"] = path });

    private static Reply Edit(string path, string before, string after) =>
        Reply.Use("Edit", new JsonObject { ["file_path"] = path, ["old_string"] = before, ["new_string"] = after });

    private static Reply Structured(string json) => Reply.Use("StructuredOutput", JsonNode.Parse(json)!.AsObject());

    private static Reply Editing(ModelRequest request, Directive directive)
    {
        var parts = directive.Arguments.Split('|');
        return Steps(request, Read(parts[0]), Edit(parts[0], parts[1], parts[2]));
    }

    private static Reply EditRun(ModelRequest request, Directive directive)
    {
        var file = directive.Arguments is { Length: > 0 } name ? name : "notes.txt";
        return Steps(request, Write((file, "one\ntwo\n")), Read(file), Edit(file, "two", "three"), Bash($"cat {file}"));
    }

    private static (string Path, string Content) FileAndText(Directive directive)
    {
        var parts = directive.Arguments.Split(' ', 2, StringSplitOptions.TrimEntries);
        return (parts[0] is { Length: > 0 } path ? path : "hello.txt", (parts.Length > 1 ? parts[1] : "hello from the model") + "\n");
    }

    private static string Lines(long bytes)
    {
        const string line = "The quick brown fox jumps over the lazy dog 0123456789.\n";
        return string.Concat(Enumerable.Repeat(line, (int)(bytes / line.Length) + 1))[..(int)bytes];
    }

    /// <summary>Fails until so many seconds after the first request of this conversation and prompt.</summary>
    private static Reply UsageLimit(ModelRequest request, Directive directive)
    {
        var now = TimeProvider.System.GetUtcNow();
        var left = Resets.GetOrAdd($"{request.SessionId} {request.Prompt}", now.AddSeconds(directive.Number(0, 3600))) - now;
        return left <= TimeSpan.Zero ? Reply.Say(Echo(request)) : Reply.Fail(429, "usage_limit_reached", "The usage limit has been reached", (int)Math.Ceiling(left.TotalSeconds));
    }

    /// <summary>Fails always, or, when the directive names a number k, only for the first k requests of this conversation and prompt.</summary>
    private static Reply FirstTimes(ModelRequest request, Directive directive, Reply failure)
    {
        var limit = directive.Number(0, long.MaxValue);
        var hit = Hits.AddOrUpdate($"{request.SessionId} {request.Prompt}", 1, (_, count) => count + 1);
        return hit <= limit ? failure : Reply.Say(Echo(request));
    }
}
