namespace Gateway.Api.Auth.Tokens;

/// <summary>What must hold of <see cref="IssuerOptions"/>.</summary>
internal static class IssuerRules
{
    // Of a key that anybody may know: a secret shared with the issuer would let whoever verifies also sign.
    private static readonly string[] Signatures = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    /// <summary>Every fault.</summary>
    public static IEnumerable<string> FaultsOf(IList<IssuerOptions> issuers) => issuers
        .SelectMany((issuer, index) => FaultsOf($"{AuthOptions.Section}:Issuers:{index}", issuer))
        .Concat(issuers.GroupBy(issuer => issuer.Issuer, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => $"Auth:Issuers names {same.Key} twice; each issuer has one entry."));

    /// <summary>Whether a secret may be fetched from, or sent to, an address: no wire that others share without TLS.</summary>
    public static bool IsSafe(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private static IEnumerable<string> FaultsOf(string section, IssuerOptions issuer)
    {
        if (!IsSafe(issuer.Issuer))
        {
            yield return $"{section}:Issuer must be an https URL (or http on loopback), not '{issuer.Issuer}'.";
        }

        if (issuer.Audience.Length == 0)
        {
            yield return $"{section}:Audience is required: the URL of this gateway's /mcp as callers know it. Without it a token for any other service would open this one.";
        }

        if (issuer.MetadataAddress is not null && !IsSafe(issuer.MetadataAddress))
        {
            yield return $"{section}:MetadataAddress must be an https URL (or http on loopback), not '{issuer.MetadataAddress}'.";
        }

        if (issuer.TakenAlgorithms.Count == 0 || issuer.TakenAlgorithms.Except(Signatures).Any())
        {
            yield return $"{section}:Algorithms must be of {string.Join(" ", Signatures)}, not '{issuer.Algorithms}'.";
        }

        if (issuer.ScopeClaim is { Length: 0 })
        {
            yield return $"{section}:ScopeClaim must not be empty; leave it out for scope and scp.";
        }

        if (issuer.ClockSkew < TimeSpan.Zero || issuer.ClockSkew > MostSkew)
        {
            yield return $"{section}:ClockSkew must be between 0:00:00 and 0:05:00, not {issuer.ClockSkew}.";
        }
    }
}
