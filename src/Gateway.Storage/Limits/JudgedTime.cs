namespace Gateway.Storage.Limits;

/// <summary>
/// How long a judged call waits for the store: a store that has not answered 2 s after the call's turn has come counts as away, and
/// nothing passes. The wait for the turn is the queue of this process, and has a longer limit.
/// </summary>
internal sealed class JudgedTime : IDisposable
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(2);
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenSource either;

    public JudgedTime(TimeProvider clock, CancellationToken caller)
    {
        this.caller = caller;
        limit = new CancellationTokenSource(LongestTurn, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(caller, limit.Token);
    }

    /// <summary>Ended by the caller, or by the limit.</summary>
    public CancellationToken Token => either.Token;

    /// <summary>The limit has ended it, and not the caller.</summary>
    public bool IsOver => limit.IsCancellationRequested && !caller.IsCancellationRequested;

    /// <summary>The turn has come.</summary>
    public void Begin() => limit.CancelAfter(LongestAnswer);

    public void Dispose()
    {
        either.Dispose();
        limit.Dispose();
    }
}
