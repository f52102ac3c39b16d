namespace Gateway.Contracts.Commands;

/// <summary>The attempt is not to be started: it was taken, ended, canceled or replaced.</summary>
public sealed record RunDenied
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>For the log: <c>stale</c>, <c>taken</c>, <c>final</c> or <c>unknown</c>.</summary>
    public required string Reason { get; init; }
}
