using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Sessions;
using Gateway.Jobs.Reading;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Finds the caller's jobs.</summary>
internal sealed class JobListTool(CursorSeal seal, ILogger<JobListTool> logger) : GatewayTool(TheCard, logger)
{
    private const int DefaultLimit = 20;

    private static readonly ToolCard TheCard = new()
    {
        Name = "llm_job_list",
        Title = "Find jobs",
        Description = "Lists your jobs, newest first, with the beginnings of their prompts. Use it when you lost a jobId.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(
            new ListSpec("status", 8, new ChoiceSpec("status", "awaiting_approval", "queued", "running", "parked", "canceling", "completed", "failed", "canceled")) { Description = "Any of these" },
            new ChoiceSpec("cli", "claude", "codex", "gemini"),
            new TextSpec("workspace", 1, 64),
            new TextSpec(SessionArguments.Id, 36, 36) { Format = "uuid", Pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", PatternWords = "a UUID", Remedy = "send the sessionId of a job" },
            new TextSpec("correlationId", 1, 128) { Pattern = "^[A-Za-z0-9._:-]+$", PatternWords = "of A-Za-z0-9._:-" },
            new ListSpec("label", 16, new TextSpec("label", 1, 64)) { Description = "Every one of these" },
            new TextSpec("text", 2, 100) { Description = "Part of labels, correlation id, model or prompt beginning" },
            new TimeSpec("createdAfter"),
            new TimeSpec("createdBefore"),
            new TextSpec("owner", 1, 256) { Description = "Whose jobs, or *; needs jobs:admin" },
            new IntegerSpec("limit", 1, 100) { Default = "20" },
            new TextSpec("cursor", 1, 512) { Description = "nextCursor of the last page" }),
        Members = [("jobs", "array"), ("nextCursor", "string")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var binding = CursorBinding.Of(call, Card.Name);
        var after = CursorBinding.Open(call, seal, binding);
        ThrowIfFaulty(call);
        var owner = call.Arguments.Text("owner");
        if (owner is not null && owner != call.Identity.Grant.Label && !call.Identity.Has(Scopes.JobsAdmin))
        {
            throw ToolException.Because(ErrorKinds.Forbidden, $"owner needs the scope {Scopes.JobsAdmin}, which your credential does not carry.", "owner");
        }

        // Whose own label it is has no need of the scope, and is told nothing of others that may share it.
        var session = await SessionAsync(call, cancellationToken).ConfigureAwait(false);
        var filter = Filter(call, after) with { Owner = call.Identity.Has(Scopes.JobsAdmin) ? owner : null, SessionId = session };
        var page = await call.Jobs.ListAsync(call.Identity.Caller, filter, cancellationToken).ConfigureAwait(false);
        var answer = new ListAnswer
        {
            Jobs = [.. page.Jobs.Select(job => Seen(call, job))],
            NextCursor = page.Next is null ? null : seal.Close(page.Next, binding),
        };
        return ToolReply.Of(answer, AnswerJson.Default.ListAnswer, InWords(answer));
    }

    // Jobs know the session's own id; of a session that is gone they know it still.
    private static async Task<Guid?> SessionAsync(ToolCall call, CancellationToken cancellationToken) =>
        call.Arguments.Text(SessionArguments.Id) is { } text && Guid.Parse(text) is var id
            ? (await call.Jobs.Sessions.FindAsync(call.Identity.Caller, id, cancellationToken).ConfigureAwait(false))?.Id ?? id
            : null;

    private static string InWords(ListAnswer answer)
    {
        var open = answer.Jobs.Count(job => !JobStatus.IsFinal(job.Status));
        var more = answer.NextCursor is null ? string.Empty : " More with nextCursor.";
        var newest = answer.Jobs.Count == 0 ? string.Empty : $" Newest: {answer.Jobs[0].Id} is {answer.Jobs[0].Status}.";
        return $"{answer.Jobs.Count} jobs, {open} of them not finished.{newest}{more}";
    }

    private static JobFilter Filter(ToolCall call, JobCursor? after) => new()
    {
        Statuses = call.Arguments.List("status"),
        Cli = call.Arguments.Text("cli"),
        Workspace = call.Arguments.Text("workspace"),
        CorrelationId = call.Arguments.Text("correlationId"),
        Labels = call.Arguments.List("label"),
        Text = call.Arguments.Text("text"),
        CreatedAfter = call.Arguments.Time("createdAfter"),
        CreatedBefore = call.Arguments.Time("createdBefore"),
        Limit = (int)(call.Arguments.Number("limit") ?? DefaultLimit),
        After = after,
    };
}
