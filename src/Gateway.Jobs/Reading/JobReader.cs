namespace Gateway.Jobs.Reading;

/// <summary>Answers what callers ask about jobs. An unknown job and a foreign one are both null, by the same statements.</summary>
public sealed class JobReader
{
    /// <summary>One job, with the events that are wanted (or without progress when <paramref name="progress"/> is null).</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">Which events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Like <see cref="FindAsync"/>, but waits up to <paramref name="wait"/> until there is an event after the one asked
    /// for or another state (or, with <paramref name="untilFinal"/>, until the job is final).
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">Which events.</param>
    /// <param name="untilFinal">Wake at the end alone.</param>
    /// <param name="wait">Longest wait.</param>
    /// <param name="cancellationToken">Ends the waiting, never the job.</param>
    public Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>A page of the caller's jobs.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>What is stored of an attempt's output; null for an unknown job, or an attempt that never was.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt; null for the newest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>What a job was asked for.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Figures for the health tool.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
