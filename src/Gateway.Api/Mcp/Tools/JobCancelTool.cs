using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Stops a job.</summary>
internal sealed class JobCancelTool(ILogger<JobCancelTool> logger) : GatewayTool(TheCard, logger)
{
    private static readonly ToolCard TheCard = new()
    {
        Name = "llm_job_cancel",
        Title = "Cancel a job",
        Description = "Stops a job and everything that it started. A waiting job is canceled at once; a running one is canceling until nothing of it is alive. "
            + "What it printed is kept. Canceling again changes nothing; a completed or failed job is a conflict.",
        Scope = Scopes.JobsCancel,
        Arguments = new ArgumentTable(JobArguments.JobId, new TextSpec("reason", 0, 200) { Description = "For the audit" }),
        Members = [("jobId", "string"), ("job", "object")],
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        var id = JobId(call);
        var outcome = await call.Jobs.CancelAsync(call.Identity.Caller, id, call.Arguments.Text("reason"), cancellationToken).ConfigureAwait(false)
            ?? throw ToolException.NotFound(call.Arguments.Text("jobId")!);
        var job = Seen(call, outcome.Job);
        return outcome.Accepted
            ? ToolReply.Of(new JobAnswer { JobId = job.Id, Job = job }, AnswerJson.Default.JobAnswer, JobWords.Of(job))
            : throw ToolException.Because(ErrorKinds.Conflict, $"{job.Id} is {job.Status} already and cannot be canceled. Its answer is in llm_job_result.", "jobId");
    }
}
