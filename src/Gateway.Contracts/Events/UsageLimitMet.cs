namespace Gateway.Contracts.Events;

/// <summary>A job that does not wait for a usage limit stands behind one.</summary>
public sealed record UsageLimitMet
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that would come next.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the credential whose limit is reached.</summary>
    public required string Credential { get; init; }

    /// <summary>Seconds until the credential is tried again, at least 1.</summary>
    public required int RetryAfterSeconds { get; init; }
}
