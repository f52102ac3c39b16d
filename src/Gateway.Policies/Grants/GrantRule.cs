using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Grants;

/// <summary>One grant of a grants file: for whom it is, and which policy it is bound to.</summary>
public sealed record GrantRule
{
    /// <summary>Most characters of a label or a tenant.</summary>
    public const int MostNameChars = 64;

    private const int MostValueChars = 256;

    /// <summary>Its name.</summary>
    public required string Label { get; init; }

    /// <summary>The tenant; null where a claim names it, or the key.</summary>
    public string? Tenant { get; init; }

    /// <summary>The claim that names the tenant; null where <see cref="Tenant"/> does.</summary>
    public string? TenantClaim { get; init; }

    /// <summary>Name of the policy; null for none: then every call is refused.</summary>
    public string? Policy { get; init; }

    /// <summary>For whom it is.</summary>
    public required GrantMatch Match { get; init; }

    /// <summary>What the credential stands for; null when the grant is not for it.</summary>
    internal PolicyGrant? Bind(Credential credential, Policy? policy)
    {
        if (!Match.Fits(credential) || TenantOf(credential) is not { Length: > 0 and <= MostNameChars } tenant)
        {
            return null;
        }

        var label = credential is Credential.ApiKey key && Match is GrantMatch.AnyApiKey ? key.Label : Label;
        return new PolicyGrant(label, tenant, credential is Credential.Token token ? ValueOf(token) : label, policy);
    }

    /// <summary>The grant of a stored job; null when this is not the one that it was made under.</summary>
    internal PolicyGrant? Bind(string label, string tenant, string value, Policy? policy)
    {
        var isIts = Match is GrantMatch.AnyApiKey ? label == value : label == Label && (Match is GrantMatch.Token ? value.StartsWith($"{Label} ", StringComparison.Ordinal) : value == Label);
        return isIts && (Tenant ?? tenant) == tenant ? new PolicyGrant(label, tenant, value, policy) : null;
    }

    private string? TenantOf(Credential credential) => (Tenant, credential) switch
    {
        ({ } tenant, _) => tenant,
        (_, Credential.ApiKey key) => key.Tenant,
        // Two tenants at once would be a choice of the caller's.
        (_, Credential.Token token) when TenantClaim is not null && token.Claims.TryGetValue(TenantClaim, out var values) && values.Count == 1 => values[0],
        _ => null,
    };

    // Neither a label nor an issuer holds a space, so no two people have one value.
    private string ValueOf(Credential.Token token)
    {
        var person = $"{token.Issuer} {token.Subject}";
        var value = $"{Label} {person}";
        return value.Length <= MostValueChars ? value : $"{Label} sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(person)))}";
    }
}
