namespace Gateway.Storage.Model;

/// <summary>The job that an idempotency key of a caller stands for.</summary>
public sealed class IdempotencyKeyRow
{
    public string Tenant { get; init; } = null!;

    public string Grant { get; init; } = null!;

    public string Key { get; init; } = null!;

    public Guid JobId { get; init; }

    /// <summary>SHA-256 over tool, arguments and prompt, lower-case hex.</summary>
    public string ArgumentsHash { get; init; } = null!;

    public long ExpiresAtMs { get; init; }
}
