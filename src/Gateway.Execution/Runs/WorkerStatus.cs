namespace Gateway.Execution.Runs;

/// <summary>What a host may tell about its worker. Safe for use by many threads.</summary>
public sealed class WorkerStatus
{
    private volatile string? containment;

    /// <summary>
    /// How this machine keeps the processes of a run together: <c>bubblewrap</c>, <c>unshare</c> or <c>sweep</c>; null while
    /// the worker is not attached to its runner.
    /// </summary>
    public string? Containment
    {
        get => containment;
        internal set => containment = value;
    }
}
