namespace Gateway.SagaPersistence.Writing;

/// <summary>
/// The door that every write transaction of a process passes. SQLite has one writer and answers a second one by busy polling,
/// in which whoever polls luckiest wins; behind a gate they queue in a stated order.
/// </summary>
/// <remarks>Not re-entrant: who is inside and enters again waits for ever. Code that may run in a transaction uses
/// <see cref="WriteTransactions.WriteAsync{TDbContext}"/>, which looks at the DbContext first.</remarks>
public interface IWriteGate
{
    /// <summary>Waits for the turn. Disposing the result lets the next one in; disposing it twice is harmless.</summary>
    /// <param name="priority">Completions pass waiting submits; within a priority the order is first come, first served.</param>
    /// <param name="cancellationToken">Gives up the place in the queue.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the turn came; nothing is held.</exception>
    ValueTask<IDisposable> EnterAsync(WritePriority priority, CancellationToken cancellationToken);
}
