namespace Gateway.SagaPersistence.Inbox;

/// <summary>Scoped mark: this delivery attempt runs in a transaction whose opener saves and commits, so the saga repository need not.</summary>
internal sealed class ConsumeTransaction
{
    public bool IsOpen { get; set; }
}
