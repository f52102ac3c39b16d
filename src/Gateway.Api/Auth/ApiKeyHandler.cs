using System.Text.Encodings.Web;
using Gateway.Api.Policies;
using Gateway.Policies.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Auth;

/// <summary>Knows callers by the generated key, in <c>Authorization: Bearer</c> or <c>X-API-Key</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKey key,
    Identities identities,
    IOptions<AuthOptions> auth) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";
    private const string Bearer = "Bearer ";
    private static readonly Credential OfTheKey = new Credential.ApiKey(EmbeddedGrantBook.Label);
    private bool wrong;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Presented() is not { } presented)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (!key.Matches(presented))
        {
            wrong = true;
            return Task.FromResult(AuthenticateResult.Fail("Wrong key."));
        }

        var identity = identities.Of(OfTheKey, ApiKey.FileName, auth.Value.Granted.ToHashSet(StringComparer.Ordinal));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(identity.ToPrincipal(SchemeName), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = wrong ? "Bearer realm=\"gateway\", error=\"invalid_token\"" : "Bearer realm=\"gateway\"";
        return Refusal.WriteAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            wrong
                ? "The key is not the key of this gateway. It is in the file api-key of the data folder."
                : "Send the key of this gateway as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'. It is in the file api-key of the data folder.");
    }

    /// <summary>The key of the request. Two that differ are no key: which of them counts would be a guess.</summary>
    private string? Presented()
    {
        var authorization = Request.Headers.Authorization;
        var header = Request.Headers[HeaderName];
        if (authorization.Count + header.Count == 0)
        {
            return null;
        }

        if (authorization.Count + header.Count > 1)
        {
            return string.Empty;
        }

        if (header.Count == 1)
        {
            return header[0];
        }

        var text = authorization[0] ?? string.Empty;
        return text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? text[Bearer.Length..].Trim() : string.Empty;
    }
}
