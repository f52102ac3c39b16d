using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Jobs.Reading;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>State and progress of a job, at once or when something happens.</summary>
internal sealed class JobStatusTool(TimeProvider clock, ILogger<JobStatusTool> logger, IHostApplicationLifetime? lifetime = null) : GatewayTool(TheCard, logger)
{
    private const int DefaultProgressLimit = 32;

    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(10);

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
            : await WaitOrStopAsync(call, id, query, wait, cancellationToken).ConfigureAwait(false);
        var job = Seen(call, found ?? throw ToolException.NotFound(call.Arguments.Text("jobId")!));
        var approval = await call.Jobs.FindApprovalAsync(call.Identity.Caller, job, cancellationToken).ConfigureAwait(false);
        return ToolReply.Of(new JobAnswer { Job = job, Approval = approval }, AnswerJson.Default.JobAnswer, JobWords.Of(job));
    }

    /// <summary>Waits, but not through the end of this process: an upgrade must not hang on those who wait.</summary>
    private async Task<JobView?> WaitOrStopAsync(ToolCall call, Guid id, ProgressQuery query, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime?.ApplicationStopping ?? CancellationToken.None);
        try
        {
            return await WaitAsync(call, id, query, wait, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await call.Jobs.FindAsync(call.Identity.Caller, id, query, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JobView?> WaitAsync(ToolCall call, Guid id, ProgressQuery query, TimeSpan wait, CancellationToken cancellationToken)
    {
        var untilFinal = call.Arguments.Text("waitFor") == "terminal";
        var waiting = call.Jobs.WaitAsync(call.Identity.Caller, id, query, untilFinal, wait, cancellationToken);
        if (call.Request?.Params?.ProgressToken is not { } token)
        {
            return await waiting.ConfigureAwait(false);
        }

        var started = clock.GetTimestamp();
        while (!waiting.IsCompleted)
        {
            await ReportAsync(call, token, clock.GetElapsedTime(started), wait, cancellationToken).ConfigureAwait(false);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(waiting, Task.Delay(BetweenReports, clock, pause.Token)).ConfigureAwait(false);
            await pause.CancelAsync().ConfigureAwait(false);
        }

        return await waiting.ConfigureAwait(false);
    }

    private static Task ReportAsync(ToolCall call, ProgressToken token, TimeSpan waited, TimeSpan wait, CancellationToken cancellationToken) =>
        call.Request!.Server.NotifyProgressAsync(
            token,
            new ProgressNotificationValue
            {
                Progress = (float)waited.TotalSeconds,
                Total = (float)wait.TotalSeconds,
                Message = $"Not finished: waiting for {call.Arguments.Text("jobId")}.",
            },
            cancellationToken: cancellationToken);
}
