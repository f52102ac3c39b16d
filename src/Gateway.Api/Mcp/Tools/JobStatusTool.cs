using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Jobs.Reading;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>State and progress of a job, at once or when something happens.</summary>
internal sealed class JobStatusTool(JobWait waits, ILogger<JobStatusTool> logger) : GatewayTool(TheCard, logger)
{
    private const int DefaultProgressLimit = 32;

    private static readonly ToolCard TheCard = new()
    {
        Name = "llm_job_status",
        Title = "Status of a job",
        Description = "Tells whether a job is finished, and its progress events. With waitMs it answers as soon as something changes "
            + "(waitFor terminal: when the job ends), which saves polling. A wait that runs out is a normal answer: ask again.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(
            JobArguments.JobId,
            new IntegerSpec("waitMs", 0, 45_000) { Description = "Longest wait; 0 answers at once", Default = "0" },
            new ChoiceSpec("waitFor", "change", "terminal") { Default = "\"change\"" },
            new IntegerSpec("afterProgressSeq", 0, long.MaxValue) { Description = "Events after this one: progress.nextAfterSeq of the last answer" },
            new IntegerSpec("progressLimit", 0, 64) { Default = "32" }),
        Members = [("job", "object"), ("approval", "object")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var id = JobId(call);
        var query = new ProgressQuery(call.Arguments.Number("afterProgressSeq") ?? 0, (int)(call.Arguments.Number("progressLimit") ?? DefaultProgressLimit));
        var wait = TimeSpan.FromMilliseconds(call.Arguments.Number("waitMs") ?? 0);
        var found = wait == TimeSpan.Zero
            ? await call.Jobs.FindAsync(call.Identity.Caller, id, query, cancellationToken).ConfigureAwait(false)
            : await waits.UntilAsync(call, id, query, call.Arguments.Text("waitFor") == "terminal", wait, cancellationToken).ConfigureAwait(false);
        var job = Seen(call, found ?? throw ToolException.NotFound(call.Arguments.Text("jobId")!));
        var approval = await call.Jobs.FindApprovalAsync(call.Identity.Caller, job, cancellationToken).ConfigureAwait(false);
        return ToolReply.Of(new JobAnswer { Job = job, Approval = approval }, AnswerJson.Default.JobAnswer, JobWords.Of(job));
    }
}
