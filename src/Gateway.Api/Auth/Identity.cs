using System.Security.Claims;
using Gateway.Jobs;

namespace Gateway.Api.Auth;

/// <summary>Who calls, and what the credential may do.</summary>
/// <param name="Caller">Who.</param>
/// <param name="Scopes">What.</param>
internal sealed record Identity(Caller Caller, IReadOnlySet<string> Scopes)
{
    private const string TenantClaim = "gateway:tenant";
    private const string GrantClaim = "gateway:grant";
    private const string ScopeClaim = "scope";

    public bool Has(string scope) => Scopes.Contains(scope);

    /// <summary>The identity of a principal that one of our authentication handlers made.</summary>
    /// <exception cref="InvalidOperationException">It was not: the endpoint is open by mistake.</exception>
    public static Identity Of(ClaimsPrincipal? user)
    {
        if (user?.Identity is GatewayIdentity known)
        {
            return known.Value;
        }

        var tenant = user?.FindFirst(TenantClaim)?.Value;
        var grant = user?.FindFirst(GrantClaim)?.Value;
        return tenant is null || grant is null
            ? throw new InvalidOperationException("A call reached a tool without a caller.")
            : new Identity(new Caller(tenant, grant), user!.FindAll(ScopeClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal));
    }

    public ClaimsPrincipal ToPrincipal(string scheme) => new(new GatewayIdentity(this, scheme));

    /// <summary>Holds the parsed identity, so that it is not put together again for each call.</summary>
    private sealed class GatewayIdentity(Identity value, string scheme) : ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, value.Caller.Tenant + "/" + value.Caller.Grant),
            new Claim(TenantClaim, value.Caller.Tenant),
            new Claim(GrantClaim, value.Caller.Grant),
            .. value.Scopes.Select(s => new Claim(ScopeClaim, s)),
        ],
        scheme)
    {
        public Identity Value => value;
    }
}
