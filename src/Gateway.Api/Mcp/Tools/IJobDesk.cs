using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Tools;

/// <summary>All that the tools ask of the store: the boundary at which tests of the edge put a store of their own.</summary>
internal interface IJobDesk
{
    IOutputStore Output { get; }

    Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, CancellationToken cancellationToken);

    Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken);

    Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken);

    Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken);

    Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken);

    Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken);

    Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken);

    Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken);
}
