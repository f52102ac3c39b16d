using Gateway.Contracts.Events;

namespace Gateway.Jobs.Leases;

/// <summary>The leases under which workers hold attempts. Implemented by Storage.</summary>
public interface ILeaseStore
{
    /// <summary>
    /// Renews what the worker really has and still holds; an ended or lost lease is never renewed. A settled heartbeat
    /// also ends the leases of the worker's earlier epochs that it no longer has, for the next sweep to find.
    /// </summary>
    /// <param name="heartbeat">What the worker says.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="lease">Length of the new term.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task<HeartbeatAnswer> RenewAsync(WorkerHeartbeat heartbeat, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Marks ended leases as lost and reports each in the same commit; remembers that they were judged.</summary>
    /// <param name="now">Store clock.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many attempts were lost.</returns>
    Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Until when this or another process has judged the leases.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Store clock of the last sweep; null when there was none, and where one process alone uses the store.</returns>
    Task<DateTimeOffset?> ReadLastSweepAsync(CancellationToken cancellationToken);

    /// <summary>Gives every lease that is not lost a new term, since nobody could judge fairly while time was broken.</summary>
    /// <param name="until">End of the new term.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task ExtendAllAsync(DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Finds the jobs that no worker will ever be given again.</summary>
    /// <param name="jobIds">Which jobs are asked for.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Those of them that are final or unknown.</returns>
    Task<IReadOnlyList<Guid>> FindEndedAsync(IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken);

    /// <summary>Finds the sessions in which no run will ever work again.</summary>
    /// <param name="sessionIds">Which sessions are asked for.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Those of them that are not there.</returns>
    Task<IReadOnlyList<Guid>> FindGoneSessionsAsync(IReadOnlyList<Guid> sessionIds, CancellationToken cancellationToken);
}
