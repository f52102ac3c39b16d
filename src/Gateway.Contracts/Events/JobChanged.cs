namespace Gateway.Contracts.Events;

/// <summary>
/// Something that a waiter may want to see was committed. Never stored: a lost one costs a waiter two seconds.
/// </summary>
public sealed record JobChanged
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Newest event of the job, 0 for none.</summary>
    public required long HighWaterSeq { get; init; }

    /// <summary>The job's state, in the words of the tool contract.</summary>
    public required string Status { get; init; }
}
