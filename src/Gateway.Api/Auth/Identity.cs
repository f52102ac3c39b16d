using System.Net;
using System.Security.Claims;
using Gateway.Jobs;
using Gateway.Policies.Grants;

namespace Gateway.Api.Auth;

/// <summary>Who calls, how that was proved, and what the credential may do.</summary>
/// <param name="Grant">What the credential stands for. Found once, so that a call has one grant from beginning to end.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Credential">The proof; null for an operator who acts in an owner's name.</param>
internal sealed record Identity(PolicyGrant Grant, IReadOnlySet<string> Scopes, Credential? Credential = null)
{
    /// <summary>Where the call came from, as far as it is known.</summary>
    public string? Address { get; init; }

    /// <summary>Who really acts where that is not the owner: an operator, as <c>operator:</c> and the user id.</summary>
    public string? Operator { get; init; }

    /// <summary>Who owns what the call makes.</summary>
    public Caller Caller => new(Grant.Tenant, Grant.Value);

    public bool Has(string scope) => Scopes.Contains(scope);

    /// <summary>The identity of a principal that one of our authentication handlers made.</summary>
    /// <exception cref="InvalidOperationException">It was not: the endpoint is open by mistake.</exception>
    public static Identity Of(ClaimsPrincipal? user) => user?.Identity is GatewayIdentity known
        ? known.Value
        : throw new InvalidOperationException("A call reached a tool without a caller.");

    /// <summary>The same who, from an address.</summary>
    public Identity From(IPAddress? address) => this with { Address = TextOf(address) };

    /// <summary>An address as it is recorded: one of the old kind in its own words, however it was listened for.</summary>
    public static string? TextOf(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : address)?.ToString();

    public ClaimsPrincipal ToPrincipal(string scheme) => new(new GatewayIdentity(this, scheme));

    /// <summary>Holds the parsed identity. No claim says what it may do: nothing that a token claims can be mistaken for it.</summary>
    private sealed class GatewayIdentity(Identity value, string scheme) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, value.Grant.Tenant + "/" + value.Grant.Value)], scheme)
    {
        public Identity Value => value;
    }
}
