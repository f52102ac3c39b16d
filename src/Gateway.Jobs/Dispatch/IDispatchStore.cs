using Gateway.Jobs.Approvals;

namespace Gateway.Jobs.Dispatch;

/// <summary>What <see cref="Dispatcher"/> asks of the store. Implemented by Storage.</summary>
public interface IDispatchStore
{
    /// <summary>How full the house is.</summary>
    /// <param name="heardAfter">A worker that was last heard before is not counted.</param>
    /// <param name="releasedBefore">What was released before, and is not claimed, is to be sent again.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<DispatchLoad> ReadLoadAsync(DateTimeOffset heardAfter, DateTimeOffset releasedBefore, CancellationToken cancellationToken);

    /// <summary>
    /// The oldest due jobs of each tenant and priority that wait in a pool and may run: however many wait behind a full cap, those
    /// behind them are found.
    /// </summary>
    /// <param name="pool">Pool.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="mostOfTenant">Most jobs of one tenant and priority.</param>
    /// <param name="room">For whom there is room; left as it is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<WaitingJob>> ReadWaitingAsync(string pool, DateTimeOffset now, int mostOfTenant, RunningRoom room, CancellationToken cancellationToken);

    /// <summary>Released jobs that nobody has claimed and whose command is not in the outbox any more.</summary>
    /// <param name="pool">Pool.</param>
    /// <param name="releasedBefore">Released before.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<WaitingJob>> ReadUnclaimedAsync(string pool, DateTimeOffset releasedBefore, CancellationToken cancellationToken);

    /// <summary>Becomes the one process that releases, or stays it.</summary>
    /// <param name="process">This process.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="until">End of the new term.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when another process is it.</returns>
    Task<bool> HoldAsync(Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>The calls of jobs that have to be judged again.</summary>
    /// <param name="jobIds">The jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyDictionary<Guid, JudgedCall>> ReadCallsAsync(IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken);

    /// <summary>
    /// Sends the commands of these jobs, or what was found instead, and marks the jobs released, in one commit; those that moved
    /// meanwhile are left out, and those that a cap on running jobs has no room for as the rows are by then.
    /// </summary>
    /// <param name="process">This process, which must still be the one that releases.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="jobs">Which jobs.</param>
    /// <param name="releasedBefore">Null for jobs that were not released; else only those are sent again that were released before.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>How many were released.</returns>
    Task<int> ReleaseAsync(Guid process, DateTimeOffset now, IReadOnlyList<WaitingJob> jobs, DateTimeOffset? releasedBefore, CancellationToken cancellationToken);
}
