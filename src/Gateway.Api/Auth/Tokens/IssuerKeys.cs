using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Api.Auth.Tokens;

/// <summary>
/// The public keys of an issuer, fetched when they are needed and kept. However many tokens come, one fetch is under way, and
/// none sooner after another than <see cref="BetweenFetches"/>: tokens with invented key ids send nobody to the issuer.
/// </summary>
internal sealed partial class IssuerKeys(IssuerOptions issuer, HttpClient http, TimeProvider clock, ILogger logger)
{
    /// <summary>Least time between two fetches; a key that the issuer has changed is found so long after the last one at the latest.</summary>
    public static readonly TimeSpan BetweenFetches = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that a call waits for the issuer.</summary>
    public static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    // Longer than an issuer is down; not so long that a key which it took back lives on for ever.
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(24);
    private const int LeastRsaBits = 2048;

    private readonly Lock sync = new();
    private Keys? known;
    private Task<Keys>? fetching;
    private long? lastFetchAt;
    private bool lastFailed;

    /// <summary>The keys that may have signed a token.</summary>
    /// <param name="keyId">The <c>kid</c> of the token; null for one without.</param>
    /// <returns>None when the issuer has no such key.</returns>
    /// <exception cref="KeysUnavailableException">Nobody knows.</exception>
    public async ValueTask<IReadOnlyList<SecurityKey>> FindAsync(string? keyId)
    {
        var keys = known;
        if (keys is null || AgeOf(keys) > KnownFor)
        {
            keys = await FetchAsync().ConfigureAwait(false) ?? throw new KeysUnavailableException(issuer.Issuer);
        }
        else if (keyId is not null && keys.Of(keyId).Count == 0)
        {
            keys = await TryFetchAsync().ConfigureAwait(false) ?? keys;
        }
        else if (AgeOf(keys) > FreshFor)
        {
            // Nobody waits for it.
            _ = TryFetchAsync();
        }

        return keyId is null ? keys.All : keys.Of(keyId);
    }

    private TimeSpan AgeOf(Keys keys) => clock.GetElapsedTime(keys.ReadAt);

    private async Task<Keys?> TryFetchAsync()
    {
        try
        {
            return await FetchAsync().ConfigureAwait(false);
        }
        catch (KeysUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Joins the fetch that is under way, or begins one; null when it is too early for another.</summary>
    private async Task<Keys?> FetchAsync()
    {
        Task<Keys> joined;
        lock (sync)
        {
            if (fetching is null)
            {
                if (lastFetchAt is { } last && clock.GetElapsedTime(last) < (lastFailed ? AfterFailure : BetweenFetches))
                {
                    return null;
                }

                lastFetchAt = clock.GetTimestamp();
                fetching = Task.Run(FetchOnceAsync);
            }

            joined = fetching;
        }

        return await joined.ConfigureAwait(false);
    }

    private async Task<Keys> FetchOnceAsync()
    {
        var failed = true;
        try
        {
            using var timeout = new CancellationTokenSource(LongestFetch, clock);
            var keys = await ReadAsync(timeout.Token).WaitAsync(LongestFetch, clock).ConfigureAwait(false);
            known = keys;
            failed = false;
            return keys;
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException or TimeoutException or JsonException or InvalidOperationException or ArgumentException or CryptographicException or IOException)
        {
            LogFailed(issuer.Issuer, problem.Message);
            throw new KeysUnavailableException(issuer.Issuer, problem);
        }
        finally
        {
            lock (sync)
            {
                // From its end: an issuer that lets everybody wait would otherwise be asked again without a pause.
                (lastFailed, fetching, lastFetchAt) = (failed, null, failed ? clock.GetTimestamp() : lastFetchAt);
            }
        }
    }

    private async Task<Keys> ReadAsync(CancellationToken cancellationToken)
    {
        string address;
        using (var metadata = JsonDocument.Parse(await http.GetStringAsync(issuer.Metadata, cancellationToken).ConfigureAwait(false)))
        {
            var says = metadata.RootElement.GetProperty("issuer").GetString();
            if (says != issuer.Issuer)
            {
                throw new InvalidOperationException($"The metadata are of the issuer '{says}'.");
            }

            address = metadata.RootElement.GetProperty("jwks_uri").GetString() ?? "";
        }

        if (!IssuerRules.IsSafe(address))
        {
            throw new InvalidOperationException($"The metadata name '{address}' for the keys, which is no https URL.");
        }

        var readAt = clock.GetTimestamp();
        var set = new JsonWebKeySet(await http.GetStringAsync(new Uri(address), cancellationToken).ConfigureAwait(false));
        return new Keys([.. set.Keys.Where(MaySign)], readAt);
    }

    // A set can also hold keys for encryption, and secrets that have no place in it.
    private static bool MaySign(JsonWebKey key) => key.Use is null or "" or "sig" && key.Kty switch
    {
        JsonWebAlgorithmsKeyTypes.RSA => key.KeySize >= LeastRsaBits,
        JsonWebAlgorithmsKeyTypes.EllipticCurve => true,
        _ => false,
    };

    [LoggerMessage(EventId = 1611, Level = LogLevel.Warning, Message = "The keys of the issuer {Issuer} could not be fetched: {Problem}")]
    private partial void LogFailed(string issuer, string problem);

    private sealed record Keys(IReadOnlyList<SecurityKey> All, long ReadAt)
    {
        public IReadOnlyList<SecurityKey> Of(string keyId) => [.. All.Where(key => key.KeyId == keyId)];
    }
}
