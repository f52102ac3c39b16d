namespace Gateway.Jobs.Dispatch;

/// <summary>Jobs that have waited for too long. Implemented by Storage.</summary>
public interface IQueueWaitStore
{
    /// <summary>Tells the lifecycle, in one commit, of queued jobs that have been due since before a time, the oldest first.</summary>
    /// <param name="dueBefore">Store clock.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="told">Jobs of which it was told already.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>Those of which it is told now.</returns>
    Task<IReadOnlyList<Guid>> TellAsync(DateTimeOffset dueBefore, int most, IReadOnlyCollection<Guid> told, CancellationToken cancellationToken);
}
