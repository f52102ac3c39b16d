using System.Text.Json;
using Gateway.Policies.Grants;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Api.Auth.Tokens;

/// <summary>
/// Verifies access tokens of the issuers that are configured. Made when the first token comes. What a token says about where its
/// keys are is never followed, and the token itself is kept nowhere.
/// </summary>
internal sealed class TokenVerifier : IDisposable
{
    private const int MostTokenChars = 16 * 1024;
    private const int MostSubjectChars = 255;
    private const long MostAnswerBytes = 256 * 1024;

    private readonly JsonWebTokenHandler reader = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MostTokenChars };
    private readonly HttpClient http;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, (IssuerOptions Options, IssuerKeys Keys)> issuers;

    public TokenVerifier(IOptions<AuthOptions> auth, TimeProvider clock, ILogger<TokenVerifier> logger)
    {
        this.clock = clock;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            MaxResponseContentBufferSize = MostAnswerBytes,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        issuers = auth.Value.Issuers.ToDictionary(issuer => issuer.Issuer, issuer => (issuer, new IssuerKeys(issuer, http, clock, logger)), StringComparer.Ordinal);
    }

    /// <summary>Whether a text may be a token: keys have no dots.</summary>
    public static bool MayBeToken(string presented) => presented.Contains('.', StringComparison.Ordinal);

    /// <summary>What a token is worth.</summary>
    /// <param name="text">The token.</param>
    public async ValueTask<TokenVerdict> VerifyAsync(string text)
    {
        if (Read(text) is not { } token)
        {
            return new TokenVerdict.Worthless("it cannot be read");
        }

        if (!issuers.TryGetValue(token.Issuer, out var issuer))
        {
            return new TokenVerdict.Worthless("its issuer is none of those that this gateway trusts");
        }

        // Before any key is looked for: a forged head sends nobody to the issuer. An extension that must be understood is not.
        if (!issuer.Options.TakenAlgorithms.Contains(token.Alg, StringComparer.Ordinal) || token.TryGetHeaderValue<object>("crit", out _))
        {
            return new TokenVerdict.Worthless("its signature is of a kind that is not taken");
        }

        try
        {
            var keys = await issuer.Keys.FindAsync(token.Kid is { Length: > 0 } keyId ? keyId : null).ConfigureAwait(false);
            return keys.Count == 0
                ? new TokenVerdict.Worthless("its issuer has no such key")
                : await JudgeAsync(token, issuer.Options, keys).ConfigureAwait(false);
        }
        catch (KeysUnavailableException)
        {
            return new TokenVerdict.Open();
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<TokenVerdict> JudgeAsync(JsonWebToken token, IssuerOptions issuer, IReadOnlyList<SecurityKey> keys)
    {
        var result = await reader.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer.Issuer,
            ValidAudience = issuer.Audience,
            ValidAlgorithms = issuer.TakenAlgorithms,
            IssuerSigningKeys = keys,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (from, until, _, _) => IsInItsTime(from, until, issuer.ClockSkew),
        }).ConfigureAwait(false);
        if (!result.IsValid)
        {
            return new TokenVerdict.Worthless(ReasonOf(result.Exception), result.Exception is SecurityTokenInvalidLifetimeException);
        }

        var claims = ClaimsOf(token);
        return claims.TryGetValue(JwtRegisteredClaimNames.Sub, out var subjects) && subjects is [{ Length: > 0 and <= MostSubjectChars } subject]
            ? new TokenVerdict.Genuine(new Credential.Token(issuer.Issuer, subject, claims), ScopesOf(claims, issuer))
            : new TokenVerdict.Worthless("it names no subject");
    }

    private JsonWebToken? Read(string text)
    {
        try
        {
            return text.Length <= MostTokenChars ? reader.ReadJsonWebToken(text) : null;
        }
        catch (Exception problem) when (problem is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    private bool IsInItsTime(DateTime? from, DateTime? until, TimeSpan skew)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return until is { } end && now < end + skew && (from is not { } start || start <= now + skew);
    }

    private static string ReasonOf(Exception? problem) => problem switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "it is not in its time",
        SecurityTokenInvalidAudienceException => "it is not for this gateway (aud)",
        _ => "its signature does not hold",
    };

    /// <summary>Every claim that is a value or a list of values, as it was written.</summary>
    private static Dictionary<string, IReadOnlyList<string>> ClaimsOf(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var claim in payload.RootElement.EnumerateObject())
        {
            IEnumerable<JsonElement> values = claim.Value.ValueKind == JsonValueKind.Array ? [.. claim.Value.EnumerateArray()] : [claim.Value];
            claims[claim.Name] = [.. values.Where(IsValue).Select(value => value.ToString())];
        }

        return claims;
    }

    private static bool IsValue(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    private static HashSet<string> ScopesOf(Dictionary<string, IReadOnlyList<string>> claims, IssuerOptions issuer) =>
        [.. issuer.ScopeClaims.SelectMany(name => claims.GetValueOrDefault(name, [])).SelectMany(text => text.Split(' ')).Intersect(Scopes.All)];
}
