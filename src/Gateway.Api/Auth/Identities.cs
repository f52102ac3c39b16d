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
    public Identity Of(Credential credential, string one, IReadOnlySet<string> scopes) =>
        grants.Find(credential) is { } grant && (credential is not Credential.ApiKey { Tenant: { } tenant } || tenant == grant.Tenant)
            ? new Identity(grant, scopes, credential)
            : new Identity(new PolicyGrant(Nobody, Nobody, $"{Nobody} {Short(one)}", null), scopes, credential);

    /// <summary>The identity of a key of the store. A grant of another tenant than the key's is none of its.</summary>
    /// <param name="key">The key.</param>
    public Identity OfKey(StoredKey key) => Of(new Credential.ApiKey(key.Label) { Tenant = key.Tenant }, key.KeyId.ToString("N"), key.Scopes.ToHashSet(StringComparer.Ordinal));

    /// <summary>The identity of a verified token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="scopes">What it may do.</param>
    public Identity OfToken(Credential.Token token, IReadOnlySet<string> scopes) => Of(token, $"{token.Issuer}\n{token.Subject}", scopes);

    // What an issuer writes can be longer than a caller's name may be.
    private static string Short(string one) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(one)));
}
