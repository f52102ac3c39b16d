namespace Gateway.SagaPersistence.Inbox;

/// <summary>How many consumers of one endpoint take the same message type. Only a single one may delete the row in its own transaction:
/// with two, the first one's commit would forget the message before the second has had it.</summary>
internal sealed class MessageUsers
{
    public int Count { get; set; }
}
