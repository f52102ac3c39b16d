namespace Gateway.Storage.Model;

/// <summary>A key of a caller. The key itself is nowhere.</summary>
public sealed class ApiKeyRow
{
    public Guid KeyId { get; init; }

    /// <summary>The first characters after <c>gwk_</c>: finds the row, and proves nothing.</summary>
    public string Prefix { get; init; } = null!;

    /// <summary>HMAC-SHA256 of the key under the pepper, 64 lower-case hex digits.</summary>
    public string Hash { get; init; } = null!;

    /// <summary>Which pepper.</summary>
    public string PepperId { get; init; } = null!;

    /// <summary>What the grants file matches.</summary>
    public string Label { get; init; } = null!;

    public string Tenant { get; init; } = null!;

    /// <summary>Scopes, separated by spaces.</summary>
    public string Scopes { get; init; } = null!;

    public long CreatedAtMs { get; init; }

    public long? ExpiresAtMs { get; set; }

    public long? LastUsedAtMs { get; set; }

    public long? RevokedAtMs { get; set; }
}
