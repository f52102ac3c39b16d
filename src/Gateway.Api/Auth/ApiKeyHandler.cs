using System.Text.Encodings.Web;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Policies.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Auth;

/// <summary>Knows callers by their key, the generated one or one of the store, in <c>Authorization: Bearer</c> or <c>X-API-Key</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKey key,
    KeyRing keys,
    Identities identities,
    IOptions<AuthOptions> auth) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";
    private const string Bearer = "Bearer ";
    private const string RetrySeconds = "5";
    private static readonly Credential OfTheKey = new Credential.ApiKey(PolicyBook.EmbeddedLabel);
    private bool wrong;
    private bool unknown;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Presented() is not { } presented)
        {
            return AuthenticateResult.NoResult();
        }

        if (key.Matches(presented))
        {
            return Known(identities.Of(OfTheKey, ApiKey.FileName, auth.Value.Granted.ToHashSet(StringComparer.Ordinal)));
        }

        try
        {
            if (await keys.FindAsync(presented) is { } found)
            {
                return Known(identities.OfKey(found));
            }
        }
        catch (StoreUnavailableException problem)
        {
            unknown = true;
            return AuthenticateResult.Fail(problem);
        }

        wrong = true;
        return AuthenticateResult.Fail("Wrong key.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (unknown)
        {
            Response.Headers.RetryAfter = RetrySeconds;
            return Refusal.WriteAsync(Context, StatusCodes.Status503ServiceUnavailable, "Whether this key is valid cannot be said now: the store cannot be reached. Try again.");
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = wrong ? "Bearer realm=\"gateway\", error=\"invalid_token\"" : "Bearer realm=\"gateway\"";
        return Refusal.WriteAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            wrong
                ? "The key is none of this gateway's, or has expired or been revoked. That of an embedded gateway is in the file api-key of the data folder; gateway keys create makes others."
                : "Send a key of this gateway as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'. That of an embedded gateway is in the file api-key of the data folder; gateway keys create makes others.");
    }

    private static AuthenticateResult Known(Identity identity) => AuthenticateResult.Success(new AuthenticationTicket(identity.ToPrincipal(SchemeName), SchemeName));

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
