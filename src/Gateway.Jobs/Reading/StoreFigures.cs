namespace Gateway.Jobs.Reading;

/// <summary>Counts of the store.</summary>
/// <param name="OwnRunning">The caller's running jobs.</param>
/// <param name="OwnQueued">The caller's queued jobs.</param>
/// <param name="RunningByProvider">Of everybody.</param>
/// <param name="QueuedByProvider">Of everybody.</param>
/// <param name="ParkedByProvider">Of everybody; they are queued jobs as well.</param>
/// <param name="DeadMessages">Messages that no consumer could take.</param>
/// <param name="OutboxPending">Messages not yet consumed.</param>
/// <param name="Workers">By their last heartbeat.</param>
/// <param name="Gates">Credentials that rest until a usage limit ends.</param>
public sealed record StoreFigures(
    int OwnRunning,
    int OwnQueued,
    IReadOnlyDictionary<string, int> RunningByProvider,
    IReadOnlyDictionary<string, int> QueuedByProvider,
    IReadOnlyDictionary<string, int> ParkedByProvider,
    int DeadMessages,
    int OutboxPending,
    IReadOnlyList<WorkerView> Workers,
    IReadOnlyList<RestingCredential> Gates);
