namespace Gateway.SagaPersistence.Writing;

/// <summary>The gate for databases that order their writers themselves (PostgreSQL, SQL Server): always open.</summary>
public sealed class OpenGate : IWriteGate, IDisposable
{
    public ValueTask<IDisposable> EnterAsync(WritePriority priority, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<IDisposable>(cancellationToken)
            : ValueTask.FromResult<IDisposable>(this);

    public void Dispose()
    {
    }
}
