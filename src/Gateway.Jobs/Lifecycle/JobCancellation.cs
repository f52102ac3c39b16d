using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Jobs.Reading;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Lifecycle;

/// <summary>Cancels jobs, from any API process.</summary>
public sealed partial class JobCancellation(JobReader reader, IBus bus, IClientFactory clients, TimeProvider clock, ILogger<JobCancellation> logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DoorbellTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks for the end of a job. Answers after the decision is committed; null for an unknown or foreign job.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="reason">For the audit alone.</param>
    /// <param name="cancellationToken">Ends the waiting, not the cancel.</param>
    /// <exception cref="RequestTimeoutException">The part that decides cannot be reached.</exception>
    public async Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken)
    {
        if (!await reader.ExistsAsync(caller, jobId, cancellationToken))
        {
            return null;
        }

        var answer = await AskAsync(new RequestCancellation { JobId = jobId, Reason = reason }, cancellationToken);
        var job = await reader.FindAsync(caller, jobId, new ProgressQuery(0, 0), cancellationToken);
        if (job is null)
        {
            return null;
        }

        if (answer is { Attempt: { } attempt, WorkerId: { } worker })
        {
            using var scope = logger.BeginScope(new KeyValuePair<string, object?>[] { new("Tenant", caller.Tenant) });
            await RingAsync(worker, new CancelRun { JobId = jobId, Attempt = attempt });
        }

        return new CancelOutcome(answer.Accepted, job);
    }

    private async Task<CancellationAnswer> AskAsync(RequestCancellation request, CancellationToken cancellationToken)
    {
        // A request counts its time from when the broker has taken it, and minds no token before: without a limit of ours a caller
        // would wait as long as the broker is away.
        using var limit = new CancellationTokenSource(AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var client = clients.CreateRequestClient<RequestCancellation>(EndpointNames.Address(EndpointNames.JobLifecycle), RequestTimeout.After(ms: (int)AnswerTimeout.TotalMilliseconds));
        try
        {
            // Not to expire in the queue, where it would be set aside as an error.
            return (await client.GetResponse<CancellationAnswer>(request, send => send.UseExecute(context => context.TimeToLive = null), either.Token)
                .WaitAsync(either.Token)).Message;
        }
        catch (Exception problem) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested && problem is not RequestTimeoutException)
        {
            throw new RequestTimeoutException(problem.Message, problem);
        }
    }

    // A doorbell, not a promise: when it is lost, the answer to the worker's next heartbeat says the same.
    private async Task RingAsync(Guid worker, CancelRun cancel)
    {
        using var limit = new CancellationTokenSource(DoorbellTimeout, clock);
        try
        {
            var endpoint = await bus.GetSendEndpoint(EndpointNames.WorkerAddress(worker));
            await endpoint.Send(cancel, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception problem)
        {
            WorkerNotReached(problem, cancel.JobId, cancel.Attempt);
        }
    }

    [LoggerMessage(EventId = 2082, Level = LogLevel.Information, Message = "{JobId}: the worker of attempt {Attempt} was not reached with the cancel, its next heartbeat will be")]
    private partial void WorkerNotReached(Exception problem, Guid jobId, int attempt);
}
