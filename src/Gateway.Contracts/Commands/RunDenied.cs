namespace Gateway.Contracts.Commands;

/// <summary>The attempt is not to be started: it was taken, ended, canceled or replaced.</summary>
public sealed record RunDenied
{
    /// <summary>There is no such job (any more).</summary>
    public const string Unknown = "unknown";

    /// <summary>Another job changes files in the directory: this one is in the line for it, and its worker has nothing to do with it any more.</summary>
    public const string Waiting = "waiting";

    /// <summary>A cancel was asked for. Whoever holds the attempt reports its end.</summary>
    public const string Canceling = "canceling";

    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Why: <c>stale</c>, <c>taken</c>, <c>lost</c>, <c>parked</c>, <c>awaiting_approval</c>, <see cref="Waiting"/>, <see cref="Canceling"/>, <c>final</c> or <see cref="Unknown"/>.</summary>
    public required string Reason { get; init; }
}
