namespace Gateway.SagaPersistence.Outbox;

/// <summary>A message that was committed together with its cause and is not yet settled.</summary>
public sealed class OutboxRow
{
    /// <summary>The value of <see cref="LockedUntilMs"/> of a row that only a restart may take again.</summary>
    public const long LockedForProcess = long.MaxValue;

    /// <summary>Identity, never used twice: a late delete by number must not meet a newer row.</summary>
    public long Seq { get; set; }

    /// <summary>The message's own id; it stays the same however often the row is sent, so that a receiver can deny the second.</summary>
    public Guid MessageId { get; set; }

    /// <summary>Not sent before this time (Unix ms).</summary>
    public long DueMs { get; set; }

    /// <summary>Until then (Unix ms) the row is in somebody's hands; 0 when nobody has it.</summary>
    public long LockedUntilMs { get; set; }

    /// <summary>Who has it: the process that wrote it, later the sweep that claimed it.</summary>
    public Guid? Owner { get; set; }

    /// <summary>After this time (Unix ms) the message is worth nothing; null = never.</summary>
    public long? ExpiresMs { get; set; }

    public Guid? CorrelationId { get; set; }

    public required string Destination { get; set; }

    public required string ContentType { get; set; }

    /// <summary>Message URNs, separated by ';'.</summary>
    public required string MessageType { get; set; }

    /// <summary>The serialized envelope.</summary>
    public required string Body { get; set; }

    public string? HeadersJson { get; set; }

    /// <summary>Properties that only the transport knows (routing key, priority, mandatory).</summary>
    public string? PropertiesJson { get; set; }

    /// <summary>Published to whoever subscribes, perhaps to nobody; false for a message that was sent to one queue.</summary>
    public bool Published { get; set; }

    /// <summary>Why nobody will send this again: the consumer gave up, or there was none. Null while the row lives.</summary>
    public string? DeadReason { get; set; }

    /// <summary>How the reason of a dead row begins that somebody has set aside.</summary>
    public const string ParkedMark = "parked: ";

    /// <summary>Whether a reason says that somebody has set its row aside.</summary>
    /// <param name="reason">The reason of a dead row.</param>
    public static bool IsParked(string reason) => reason.StartsWith(ParkedMark, StringComparison.Ordinal);
}
