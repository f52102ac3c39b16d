namespace Gateway.Jobs.Reading;

/// <summary>How far a job is, and a page of its events.</summary>
public sealed record ProgressView
{
    /// <summary><c>queued</c>, <c>waiting</c>, <c>starting</c>, <c>thinking</c>, <c>tool</c>, <c>writing</c>, <c>canceling</c>, <c>completed</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>Newest byte or event.</summary>
    public DateTimeOffset? LastActivityAt { get; init; }

    /// <summary>Newest event there is, 0 for none.</summary>
    public required long HighWaterSeq { get; init; }

    /// <summary>What to ask for next.</summary>
    public required long NextAfterSeq { get; init; }

    /// <summary>More events lie beyond this page.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Events of this page.</summary>
    public required IReadOnlyList<ProgressEventView> Events { get; init; }
}
