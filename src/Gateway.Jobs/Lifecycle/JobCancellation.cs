using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Jobs.Reading;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>Cancels jobs, from any API process.</summary>
public sealed class JobCancellation(JobReader reader, IBus bus, IClientFactory clients)
{
    private static readonly RequestTimeout AnswerTimeout = RequestTimeout.After(s: 10);

    /// <summary>Asks for the end of a job. Answers after the decision is committed; null for an unknown or foreign job.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="reason">For the audit alone.</param>
    /// <param name="cancellationToken">Ends the waiting, not the cancel.</param>
    /// <exception cref="RequestTimeoutException">The part that decides cannot be reached.</exception>
    public async Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(caller, jobId, null, cancellationToken) is null)
        {
            return null;
        }

        var client = clients.CreateRequestClient<RequestCancellation>(
            EndpointNames.Address(EndpointNames.JobLifecycle), AnswerTimeout);
        var answer = await client.GetResponse<CancellationAnswer>(new RequestCancellation { JobId = jobId, Reason = reason }, cancellationToken);
        var job = await reader.FindAsync(caller, jobId, new ProgressQuery(0, 0), cancellationToken);
        if (job is null)
        {
            return null;
        }

        if (answer.Message is { Attempt: { } attempt, WorkerId: { } worker })
        {
            // A doorbell, not a promise: when it is lost, the answer to the worker's next heartbeat says the same.
            var endpoint = await bus.GetSendEndpoint(EndpointNames.Address(EndpointNames.Worker(worker)));
            await endpoint.Send(new CancelRun { JobId = jobId, Attempt = attempt }, cancellationToken);
        }

        return new CancelOutcome(answer.Message.Accepted, job);
    }
}
