using Gateway.Contracts.Values;

namespace Gateway.Jobs.Reading;

/// <summary>What <see cref="JobReader"/> asks the store. Each question about one job carries the caller: a foreign job is no row.</summary>
public interface IJobQueries
{
    /// <summary>Name of the database, such as <c>sqlite</c>.</summary>
    string Backend { get; }

    /// <summary>One job of the caller.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<JobRecord?> FindAsync(Caller caller, Guid jobId, CancellationToken cancellationToken);

    /// <summary>Jobs of the caller, newest first; one more than the limit shows that there are more.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<JobRecord>> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken);

    /// <summary>Jobs of the caller that a correlation id leads to, newest first: those made with it, and those given to a call that had it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="correlationId">The id.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken);

    /// <summary>Events of a job in order.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="query">Which events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<ProgressEventView>> ReadEventsAsync(Guid jobId, ProgressQuery query, CancellationToken cancellationToken);

    /// <summary>Where a queued and due job stands among those of the same pool, in the order of <see cref="Dispatch.FairOrder"/>.</summary>
    /// <param name="record">A queued job.</param>
    /// <param name="now">What is due by then.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<QueuePlace> FindPlaceAsync(JobRecord record, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>How an attempt ended; null while it has not.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<AttemptRecord?> FindAttemptAsync(Guid jobId, int attempt, CancellationToken cancellationToken);

    /// <summary>Stored bytes of each stream of an attempt.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyDictionary<OutputStream, long>> ReadStoredBytesAsync(Guid jobId, int attempt, CancellationToken cancellationToken);

    /// <summary>What the caller's job was asked for.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken);

    /// <summary>What workers last told of their CLIs; those that were heard of in the last ten minutes.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken);

    /// <summary>What workers last saw of their workspaces.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken);

    /// <summary>Figures for the health tool.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<StoreFigures> ReadFiguresAsync(Caller caller, CancellationToken cancellationToken);
}
