using Gateway.Contracts.Commands;
using MassTransit;

namespace Gateway.Jobs.Leases;

/// <summary>Tells a worker which of the jobs that it keeps something for have ended, and which sessions are gone.</summary>
public sealed class EndedJobsConsumer(ILeaseStore leases) : IConsumer<FindEndedJobs>
{
    /// <summary>Takes one question.</summary>
    /// <param name="context">The question.</param>
    public async Task Consume(ConsumeContext<FindEndedJobs> context)
    {
        List<Guid> jobs = [.. context.Message.JobIds.Take(FindEndedJobs.MostJobs)];
        List<Guid> sessions = [.. context.Message.SessionIds.Take(FindEndedJobs.MostJobs)];
        await context.RespondAsync(new EndedJobs
        {
            JobIds = jobs.Count == 0 ? [] : await leases.FindEndedAsync(jobs, context.CancellationToken),
            SessionIds = sessions.Count == 0 ? [] : await leases.FindGoneSessionsAsync(sessions, context.CancellationToken),
        });
    }
}
