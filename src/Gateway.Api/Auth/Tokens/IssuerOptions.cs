namespace Gateway.Api.Auth.Tokens;

/// <summary>Whose tokens are taken. Section <c>Auth:Issuers:N</c>.</summary>
internal sealed class IssuerOptions
{
    /// <summary>The <c>iss</c> of its tokens, letter by letter: an https URL, or http on loopback.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>The <c>aud</c> that makes a token one for this gateway: the URL of its <c>/mcp</c> as callers know it. Required.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Where its metadata are. Default: <c>/.well-known/openid-configuration</c> below the issuer.</summary>
    public string? MetadataAddress { get; init; }

    /// <summary>Signatures that are taken, separated by spaces or commas, of RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512. Default: RS256 ES256 PS256.</summary>
    public string? Algorithms { get; init; }

    /// <summary>The claim with the scopes, one text or a list. Default: <c>scope</c>, and <c>scp</c> beside it.</summary>
    public string? ScopeClaim { get; init; }

    /// <summary>How far the clocks may differ, 0 to 5 min. Default: 60 s.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The signatures one by one.</summary>
    internal IReadOnlyList<string> TakenAlgorithms => Algorithms is null ? ["RS256", "ES256", "PS256"] : AuthOptions.Split(Algorithms);

    /// <summary>The claims with scopes.</summary>
    internal IReadOnlyList<string> ScopeClaims => ScopeClaim is null ? ["scope", "scp"] : [ScopeClaim];

    /// <summary>The address of the metadata.</summary>
    internal Uri Metadata => new(MetadataAddress ?? Issuer.TrimEnd('/') + "/.well-known/openid-configuration");
}
