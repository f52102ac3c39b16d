using Gateway.Jobs.Reading;
using ModelContextProtocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Waits for a job on behalf of a call. The end of the wait is never the end of the job.</summary>
internal sealed class JobWait(TimeProvider clock, IHostApplicationLifetime? lifetime = null)
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(10);

    /// <summary>Waits until the job has ended.</summary>
    /// <param name="call">The call that waits.</param>
    /// <param name="jobId">A job of its caller.</param>
    /// <param name="longest">Longest wait.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <returns>The job as it is then; null when the caller has none of that id.</returns>
    public Task<JobView?> UntilFinalAsync(ToolCall call, Guid jobId, TimeSpan longest, CancellationToken cancellationToken) =>
        UntilAsync(call, jobId, new ProgressQuery(0, 0), untilFinal: true, longest, cancellationToken);

    /// <summary>Waits until the job has a new event, another state or (with <paramref name="untilFinal"/>) has ended; not through the end of this process: an upgrade must not hang on those who wait.</summary>
    /// <param name="call">The call that waits.</param>
    /// <param name="jobId">A job of its caller.</param>
    /// <param name="query">Which events.</param>
    /// <param name="untilFinal">Wake at the end alone.</param>
    /// <param name="longest">Longest wait.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <returns>The job as it is then; null when the caller has none of that id.</returns>
    public async Task<JobView?> UntilAsync(ToolCall call, Guid jobId, ProgressQuery query, bool untilFinal, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime?.ApplicationStopping ?? CancellationToken.None);
        try
        {
            var waiting = call.Jobs.WaitAsync(call.Identity.Caller, jobId, query, untilFinal, longest, ending.Token);
            return await ReportWhileAsync(waiting, call, jobId, longest, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await call.Jobs.FindAsync(call.Identity.Caller, jobId, query, cancellationToken).ConfigureAwait(false);
        }
    }

    // A client that gave a token hears at once of the job's id, and then every ten seconds.
    private async Task<JobView?> ReportWhileAsync(Task<JobView?> waiting, ToolCall call, Guid jobId, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (call.Request?.Params?.ProgressToken is not { } token)
        {
            return await waiting.ConfigureAwait(false);
        }

        var started = clock.GetTimestamp();
        while (!waiting.IsCompleted)
        {
            var report = new ProgressNotificationValue
            {
                Progress = (float)clock.GetElapsedTime(started).TotalSeconds,
                Total = (float)longest.TotalSeconds,
                Message = $"Not finished: waiting for {Gateway.Jobs.JobIdText.Format(jobId)}.",
            };
            await call.Request.Server.NotifyProgressAsync(token, report, cancellationToken: cancellationToken).ConfigureAwait(false);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(waiting, Task.Delay(BetweenReports, clock, pause.Token)).ConfigureAwait(false);
            await pause.CancelAsync().ConfigureAwait(false);
        }

        return await waiting.ConfigureAwait(false);
    }
}
