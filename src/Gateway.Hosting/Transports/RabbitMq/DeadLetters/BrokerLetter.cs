namespace Gateway.Hosting.Transports.RabbitMq.DeadLetters;

/// <summary>A message that the broker keeps because nobody could take it.</summary>
/// <param name="Id">Its handle: the same as long as the message is the same, wherever it lies.</param>
/// <param name="Queue">Where it lies.</param>
/// <param name="Destination">Where it was to go, and goes when it is sent again.</param>
/// <param name="Parked">Somebody has seen it and set it aside.</param>
/// <param name="MessageId">Its id, the same after a redrive; none where the sender gave none.</param>
/// <param name="JobId">The job it is about, where it says so.</param>
/// <param name="Type">What it says that it is; empty where it says nothing.</param>
/// <param name="Reason">Why nobody could take it.</param>
/// <param name="Redrives">How often it was sent again already.</param>
/// <param name="Bytes">Length of its body.</param>
/// <param name="Headers">What was written on it when it was set aside, by <see cref="MessageOutline.OfText"/>; left out of lists.</param>
/// <param name="Body">Its <see cref="MessageOutline"/>; left out of lists.</param>
public sealed record BrokerLetter(
    string Id, string Queue, string Destination, bool Parked, string? MessageId, Guid? JobId, string Type, string Reason, int Redrives, int Bytes, IReadOnlyDictionary<string, string>? Headers, string? Body);
