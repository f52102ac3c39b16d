using System.Globalization;
using System.Text.Encodings.Web;
using Gateway.Api.Auth.SignIn;
using Gateway.Api.Auth.Tokens;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Policies.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Auth;

/// <summary>
/// Knows callers by what they present in <c>Authorization: Bearer</c>: the generated key, a key of the store, or the token of an issuer that is
/// trusted. Keys may stand in <c>X-API-Key</c> too.
/// </summary>
internal sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKey key,
    KeyRing keys,
    Identities identities,
    SignInLimiter limiter,
    IOptions<AuthOptions> auth) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Gateway";
    public const string HeaderName = "X-API-Key";
    private const string Bearer = "Bearer ";
    private const string RetrySeconds = "5";
    private const string Where = "A key of an embedded gateway is in the file api-key of the data folder; gateway keys create makes others.";
    private static readonly Credential OfTheKey = new Credential.ApiKey(PolicyBook.EmbeddedLabel);
    private string? wrong;
    private string? undecided;
    private TimeSpan? wait;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Presented() is not { } presented)
        {
            return AuthenticateResult.NoResult();
        }

        var identity = auth.Value.Issuers.Count > 0 && Request.Headers.Authorization.Count > 0 && TokenVerifier.MayBeToken(presented)
            ? await OfTokenAsync(presented)
            : await OfKeyAsync(presented);
        return identity is null
            ? AuthenticateResult.Fail(wrong ?? undecided ?? "")
            : AuthenticateResult.Success(new AuthenticationTicket(identity.From(Context.Connection.RemoteIpAddress).ToPrincipal(SchemeName), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (undecided is not null)
        {
            Response.Headers.RetryAfter = RetrySeconds;
            return Refusal.WriteAsync(Context, StatusCodes.Status503ServiceUnavailable, undecided);
        }

        if (wait is { } time)
        {
            Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Refusal.WriteAsync(Context, StatusCodes.Status429TooManyRequests, $"Too many calls from this address, or with this key, could not prove who calls. {wrong} A right key or token is taken at once.");
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = ResourceMetadata.Challenge(Context, wrong is null ? null : "invalid_token");
        return Refusal.WriteAsync(Context, StatusCodes.Status401Unauthorized, wrong ?? (auth.Value.Issuers.Count == 0
            ? $"Send a key of this gateway as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'. {Where}"
            : $"Send an access token as 'Authorization: Bearer TOKEN' (resource_metadata says from whom), or a key of this gateway so or as 'X-API-Key: KEY'. {Where}"));
    }

    private async Task<Identity?> OfKeyAsync(string presented)
    {
        if (key.Matches(presented))
        {
            return identities.Of(OfTheKey, ApiKey.FileName, auth.Value.Granted.ToHashSet(StringComparer.Ordinal));
        }

        try
        {
            var prefix = KeyText.IsWhole(presented) ? KeyText.PrefixOf(presented) : null;
            if (await keys.FindAsync(presented, () => prefix is null || limiter.MayAsk(CallerAddress.Of(Context), prefix)) is { } found)
            {
                return identities.OfKey(found);
            }

            wrong = $"The key is none of this gateway's, or has expired or been revoked. {Where}";
            wait = limiter.Failed(CallerAddress.Of(Context), prefix is null ? SignInWay.Other : SignInWay.Key, prefix);
        }
        catch (StoreUnavailableException)
        {
            undecided = "Whether this key is valid cannot be said now: the store cannot be reached. Try again.";
        }

        return null;
    }

    private async Task<Identity?> OfTokenAsync(string presented)
    {
        // Made with the first token: a gateway without issuers never loads what verifies them.
        switch (await Context.RequestServices.GetRequiredService<TokenVerifier>().VerifyAsync(presented))
        {
            case TokenVerdict.Genuine genuine:
                return identities.OfToken(genuine.Token, genuine.Scopes);
            case TokenVerdict.Worthless worthless:
                wrong = $"The token is not taken: {worthless.Reason}. Get a new one from an issuer that resource_metadata names.";
                var over = limiter.Failed(CallerAddress.Of(Context), SignInWay.Token);
                wait = worthless.WasGood ? null : over;
                return null;
            default:
                undecided = "Whether this token is valid cannot be said now: its issuer does not answer. Try again.";
                return null;
        }
    }

    /// <summary>The credential of the request. Two that differ are none: which of them counts would be a guess.</summary>
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
