using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Sessions;
using Gateway.Api.Mcp.Starters;
using Gateway.Jobs.Reading;
using Gateway.Policies.Evaluation;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Runs a finished job again, as a new one, under the rules of today.</summary>
internal sealed class JobRetryTool(StarterSet starters, ILogger<JobRetryTool> logger) : GatewayTool(TheCard, logger)
{
    private const string Overrides = "overrides";
    private const string Key = "idempotencyKey";
    private const string ResumeSession = "resumeSession";

    private static readonly ToolCard TheCard = new()
    {
        Name = "llm_job_retry",
        Title = "Run a job again",
        Description = "Starts a new job with the prompt and arguments of a finished one. Answers at once with the new jobId.",
        Scope = Scopes.JobsRun,
        Arguments = new ArgumentTable(
            JobArguments.JobId,
            new ObjectSpec(Overrides) { Description = "Arguments of the job's starter; null removes one" },
            new FlagSpec(ResumeSession) { Description = "Goes on in the conversation of that job" },
            StarterArguments.OfEvery().Single(spec => spec.Name == Key)),
        Members = [("jobId", "string"), ("job", "object"), ("approval", "object"), ("sessionId", "string"), ("warnings", "array")],
        Destructive = true,
        OpenWorld = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var id = JobId(call);
        var stored = await call.Jobs.FindRequestAsync(call.Identity.Caller, id, cancellationToken).ConfigureAwait(false)
            ?? throw ToolException.NotFound(call.Arguments.Text("jobId")!);
        if (!JobStatus.IsFinal(stored.Status))
        {
            throw ToolException.Because(ErrorKinds.Conflict, $"The job is {stored.Status}. Only a finished job can be run again; cancel it first, or wait.", "jobId");
        }

        if (stored.Prompt is not { } prompt)
        {
            // A prompt alone would not do: the arguments have gone with it, and a run without its limits is another one.
            throw ToolException.Because(ErrorKinds.Gone, "Prompt and arguments of this job are no longer stored: their time is over. Start a new job with them.", "jobId");
        }

        var starter = starters.Find(stored.Tool)
            ?? throw ToolException.Because(ErrorKinds.Conflict, "This gateway does not offer the tool that started the job, so it cannot be run again here.", "jobId");
        var merged = Merge(call, stored, prompt);
        var arguments = starter.Arguments.Parse(merged);
        call.Arguments.Warnings.AddRange(arguments.Warnings);
        var request = await ReadAsync(call, starter, stored.Tool, arguments, cancellationToken).ConfigureAwait(false) with { RetryOf = id, Dedup = false };
        return await Submission.SendAsync(call with { Arguments = arguments }, request, starter.FactsOf(stored.Tool), merged, job => Seen(call, job), cancellationToken).ConfigureAwait(false);
    }

    private static Dictionary<string, JsonElement> Merge(ToolCall call, StoredRequest stored, string prompt)
    {
        var merged = JsonElement.Parse(stored.ArgumentsJson).EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        var overrides = OverridesOf(call);
        if (overrides.Any(member => member.Name is PromptRule.Prompt or PromptParts.Argument))
        {
            // Another prompt takes the place of the old one, whichever form each has.
            merged.Remove(PromptParts.Argument);
        }
        else if (!merged.ContainsKey(PromptParts.Argument))
        {
            merged[PromptRule.Prompt] = JsonSerializer.SerializeToElement(prompt, AnswerJson.Default.String);
        }

        if (call.Arguments.Flag(ResumeSession))
        {
            GoOnIn(merged, stored);
        }

        foreach (var member in overrides)
        {
            merged[member.Name] = member.Value;
        }

        if (call.Arguments.Sent.TryGetValue(Key, out var key))
        {
            merged[Key] = key;
        }

        return merged.Where(m => m.Value.ValueKind != JsonValueKind.Null).ToDictionary(StringComparer.Ordinal);
    }

    // As if the call had named it, so that policies see it. How the old job came to its conversation is no matter any more.
    private static void GoOnIn(Dictionary<string, JsonElement> merged, StoredRequest stored)
    {
        if (stored.SessionId is not { } session)
        {
            throw ToolException.Because(ErrorKinds.Conflict, "That job kept no conversation, so nothing can go on in it.", ResumeSession);
        }

        foreach (var name in (string[])[SessionWish.CreateNewSession, SessionWish.ContinueSession, SessionWish.ResumeLatest, SessionWish.ForkSession])
        {
            merged.Remove(name);
        }

        merged[SessionArguments.Id] = JsonSerializer.SerializeToElement(session.ToString("D"), AnswerJson.Default.String);
    }

    private static JsonProperty[] OverridesOf(ToolCall call) => call.Arguments.Json(Overrides) is { } sent ? [.. sent.EnumerateObject()] : [];

    // Which conversation is active now is no matter of a job of then.
    private static Task<Gateway.Jobs.Admission.RunRequest> ReadAsync(ToolCall call, Starter starter, string tool, ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var overrides = OverridesOf(call).Select(m => m.Name).ToList();
        if (overrides.Contains(Key))
        {
            arguments.Faults.Add(Key, "in overrides", "beside overrides", "send it as an argument of llm_job_retry itself");
        }

        if (call.Arguments.Flag(ResumeSession) && overrides.Contains(SessionArguments.Id))
        {
            arguments.Faults.Add(SessionArguments.Id, $"sent beside {ResumeSession}", $"only one of {SessionArguments.Id} and {ResumeSession}", "leave one of them out");
        }

        // The caller reads faults in the words of its own call.
        return starter.ReadAsync(call, tool, arguments, takesActive: false, faults => faults.Under(Overrides, overrides), cancellationToken);
    }
}
