using System.Globalization;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Claude;

/// <summary>Turns the loose arguments of a call into a <see cref="RunRequest"/>, once and completely.</summary>
internal sealed class ClaudeCallParser(IOptions<WorkspaceOptions> workspaces, TimeProvider clock)
{
    /// <summary>The tool whose arguments these are.</summary>
    public const string Tool = "claude_request_async";

    /// <summary>The mode in which a run asks nobody before it acts.</summary>
    public const string Bypass = "bypassPermissions";

    private const string High = "high";
    private static readonly TimeSpan FarthestStart = TimeSpan.FromDays(30);
    private const int DefaultTimeoutMs = 3_600_000;
    private const int DefaultIdleTimeoutMs = 600_000;
    private const int DefaultMaxAttempts = 3;
    private readonly WorkingDirectoryRule directories = new(workspaces.Value.Roots);

    /// <summary>The request of a call whose arguments were checked one by one.</summary>
    /// <exception cref="ToolException">Something is wrong, with all faults; or a scope is lacking.</exception>
    public RunRequest Parse(ParsedArguments arguments, Identity identity, string? traceParent, Action<FaultList>? whenFaulty = null)
    {
        CheckTogether(arguments);
        CheckStart(arguments);
        var directory = directories.Check(arguments);
        var schema = JsonSchemaRule.Check(arguments);
        if (arguments.Faults.Count > 0)
        {
            whenFaulty?.Invoke(arguments.Faults);
            throw ToolException.InvalidInput(Tool, arguments.Faults);
        }

        var mode = ReadMode(arguments);
        if (mode == Bypass && !identity.Has(Scopes.BypassPermissions))
        {
            var field = arguments.Has("permissionMode") ? "permissionMode" : ClaudeArgumentTable.SkipPermissions;
            throw ToolException.Because(ErrorKinds.Forbidden, $"permissionMode {Bypass} needs the scope {Scopes.BypassPermissions}, which your credential does not carry.", field);
        }

        var priority = arguments.Text("priority") ?? "normal";
        if (priority == High && !identity.Has(Scopes.JobsAdmin))
        {
            throw ToolException.Because(ErrorKinds.Forbidden, $"priority {High} needs the scope {Scopes.JobsAdmin}, which your credential does not carry.", "priority");
        }

        return new RunRequest
        {
            Tool = Tool,
            Cli = "claude",
            Prompt = arguments.Text("prompt")!,
            Claude = ReadClaude(arguments, mode, schema),
            ArgumentsJson = ToStoredJson(arguments),
            Writes = ClaudeTools.CanWrite(mode, arguments.List("allowedTools")),
            WorkingDirectory = directory,
            Timeout = TimeSpan.FromMilliseconds(arguments.Number("timeoutMs") ?? DefaultTimeoutMs),
            IdleTimeout = TimeSpan.FromMilliseconds(arguments.Number("idleTimeoutMs") ?? DefaultIdleTimeoutMs),
            MaxAttempts = (int)(arguments.Number("maxAttempts") ?? DefaultMaxAttempts),
            Priority = JobPriority.NumberOf(priority),
            StartAfter = arguments.Time("startAfter"),
            Labels = arguments.List("labels"),
            CorrelationId = arguments.Text("correlationId") ?? Guid.NewGuid().ToString("D"),
            IdempotencyKey = arguments.Text("idempotencyKey"),
            TraceParent = traceParent,
        };
    }

    /// <summary>The mode in effect, null for the CLI's own. A mode that was named wins over the old spelling of a bypass.</summary>
    private static string? ReadMode(ParsedArguments arguments)
    {
        var named = arguments.Text("permissionMode");
        if (!arguments.Flag(ClaudeArgumentTable.SkipPermissions))
        {
            return named is "default" ? null : named;
        }

        if (named is null or Bypass)
        {
            return Bypass;
        }

        arguments.Warnings.Add(new Warning("argument_ignored", $"{ClaudeArgumentTable.SkipPermissions} has no effect: permissionMode {named} is in effect.", ClaudeArgumentTable.SkipPermissions));
        return named is "default" ? null : named;
    }

    private void CheckStart(ParsedArguments arguments)
    {
        if (arguments.Time("startAfter") is { } start && start > clock.GetUtcNow() + FarthestStart)
        {
            arguments.Faults.Add("startAfter", start.ToString("O", CultureInfo.InvariantCulture), "at most 30 days ahead", "send an earlier time, or submit the job later");
        }
    }

    private static void CheckTogether(ParsedArguments arguments)
    {
        if (arguments.Has("systemPrompt") && arguments.Has("appendSystemPrompt"))
        {
            arguments.Faults.Add("appendSystemPrompt", "sent beside systemPrompt", "only one of systemPrompt and appendSystemPrompt", "leave one of them out");
        }

        ClaudeTools.Check(arguments);
    }

    private static ClaudeArguments ReadClaude(ParsedArguments arguments, string? mode, string? schema) => new()
    {
        Model = arguments.Text("model"),
        FallbackModel = arguments.Text("fallbackModel"),
        PermissionMode = mode,
        AllowedTools = arguments.List("allowedTools"),
        DisallowedTools = arguments.List("disallowedTools"),
        MaxTurns = (int?)arguments.Number("maxTurns"),
        MaxBudgetUsd = arguments.Amount("maxBudgetUsd"),
        Effort = arguments.Text("effort"),
        SystemPrompt = arguments.Text("systemPrompt"),
        AppendSystemPrompt = arguments.Text("appendSystemPrompt"),
        JsonSchema = schema,
    };

    /// <summary>
    /// What a repeat needs and an idempotency key is compared by: sorted, without nulls, each value in one spelling,
    /// without the prompt (kept on its own) and the key (which would make every call differ from itself).
    /// </summary>
    private static string ToStoredJson(ParsedArguments arguments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments.Sent.Where(a => a.Key is not ("prompt" or "idempotencyKey")))
            {
                writer.WritePropertyName(name);
                CanonicalJson.Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
