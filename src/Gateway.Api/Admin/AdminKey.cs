using Gateway.Api.Auth;
using Gateway.Jobs.Keys;

namespace Gateway.Api.Admin;

/// <summary>A key as an operator sees it.</summary>
/// <param name="Id">Its handle.</param>
/// <param name="Label">What the grants file matches.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Grant">Label of the grant that it has now; null for none: each of its calls is refused.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Prefix">How it begins, to tell it among others.</param>
/// <param name="Pepper">Under which pepper it is kept.</param>
/// <param name="State"><c>valid</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it opens.</param>
/// <param name="LastUsedAt">When it last opened, to the minute.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="Key">The key itself: in the one answer that makes it.</param>
internal sealed record AdminKey(
    string Id,
    string Label,
    string Tenant,
    string? Grant,
    IReadOnlyList<string> Scopes,
    string Prefix,
    string Pepper,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt,
    string? Key)
{
    public static AdminKey Of(StoredKey key, Identities identities, DateTimeOffset now, string? text = null)
    {
        var grant = identities.OfKey(key).Grant.Label;
        return new AdminKey(
            key.KeyId.ToString("N"),
            key.Label,
            key.Tenant,
            grant == Identities.Nobody ? null : grant,
            key.Scopes,
            key.Prefix,
            key.PepperId,
            key.RevokedAt is not null ? "revoked" : key.IsValidAt(now) ? "valid" : "expired",
            key.CreatedAt,
            key.ExpiresAt,
            key.LastUsedAt,
            key.RevokedAt,
            text);
    }
}
