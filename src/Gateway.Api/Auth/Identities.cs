using System.Security.Cryptography;
using System.Text;
using Gateway.Api.Policies;
using Gateway.Jobs.Keys;
using Gateway.Policies.Grants;

namespace Gateway.Api.Auth;

/// <summary>From a proved credential to who that is here.</summary>
internal sealed class Identities(IGrantBook grants)
{
    /// <summary>Label and tenant of a credential that no grant matches.</summary>
    public const string Nobody = "(none)";

    /// <summary>The identity of a credential. One that no grant matches is known all the same, as nobody: each of its calls is refused by policy, which tells it more than a 401.</summary>
    /// <param name="credential">What was proved.</param>
    /// <param name="one">What tells this credential from all others.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="tenant">The tenant that it was made for, where it was: a grant of another tenant is none of its.</param>
    public Identity Of(Credential credential, string one, IReadOnlySet<string> scopes, string? tenant = null) =>
        grants.Find(credential) is { } grant && (tenant is null || tenant == grant.Tenant)
            ? new Identity(grant, scopes, credential)
            : new Identity(new PolicyGrant(Nobody, Nobody, $"{Nobody} {Short(one)}", null), scopes, credential);

    /// <summary>The identity of a key of the store.</summary>
    /// <param name="key">The key.</param>
    public Identity OfKey(StoredKey key) => Of(new Credential.ApiKey(key.Label), key.KeyId.ToString("N"), key.Scopes.ToHashSet(StringComparer.Ordinal), key.Tenant);

    // What an issuer writes can be longer than a caller's name may be.
    private static string Short(string one) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(one)));
}
