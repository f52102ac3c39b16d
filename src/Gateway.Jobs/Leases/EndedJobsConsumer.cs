using Gateway.Contracts.Commands;
using MassTransit;

namespace Gateway.Jobs.Leases;

/// <summary>Tells a worker which of the jobs that it keeps something for have ended.</summary>
public sealed class EndedJobsConsumer(ILeaseStore leases) : IConsumer<FindEndedJobs>
{
    /// <summary>Takes one question.</summary>
    /// <param name="context">The question.</param>
    public async Task Consume(ConsumeContext<FindEndedJobs> context)
    {
        List<Guid> asked = [.. context.Message.JobIds.Take(FindEndedJobs.MostJobs)];
        await context.RespondAsync(new EndedJobs { JobIds = await leases.FindEndedAsync(asked, context.CancellationToken) });
    }
}
