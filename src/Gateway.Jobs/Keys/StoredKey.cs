namespace Gateway.Jobs.Keys;

/// <summary>What is kept of a caller's key: enough to know it again, and nothing to make it from.</summary>
public sealed record StoredKey
{
    /// <summary>Its handle for operators. No secret.</summary>
    public required Guid KeyId { get; init; }

    /// <summary>The first characters behind <c>gwk_</c>, 12 of them: finds the key, and proves nothing.</summary>
    public required string Prefix { get; init; }

    /// <summary>HMAC-SHA256 of the key under a pepper, 64 lower-case hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>Which pepper, 1 to 16 characters.</summary>
    public required string PepperId { get; init; }

    /// <summary>What the grants file matches, 1 to 64 characters. Several keys may carry it.</summary>
    public required string Label { get; init; }

    /// <summary>Whose key it is, 1 to 64 characters.</summary>
    public required string Tenant { get; init; }

    /// <summary>What it may do.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is none; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last used, to the minute; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was revoked; null while it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Whether it opens anything at a time.</summary>
    /// <param name="now">The time.</param>
    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is not { } end || now < end);
}
