using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>An OpenID provider on loopback whose keys, manners and mistakes the test chooses.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication app;
    private RsaSecurityKey key = NewKey("k1");

    private TestIssuer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public string Issuer => app.Urls.Single();

    /// <summary>Paths that somebody asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public int Fetches => Asked.Count(path => path == "/keys");

    public bool IsDown { get; set; }

    /// <summary>Holds back every answer until it ends.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What its metadata say of themselves, where that is not the truth.</summary>
    public string? Claims { get; set; }

    public string? KeysAddress { get; set; }

    public RsaSecurityKey Key => key;

    public static async Task<TestIssuer> StartAsync()
    {
        var issuer = new TestIssuer();
        await issuer.app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public static RsaSecurityKey NewKey(string id, int bits = 2048) => new(RSA.Create(bits)) { KeyId = id };

    public void Rotate(string id) => key = NewKey(id);

    public (string, string)[] Settings(int index = 0) => [($"Auth:Issuers:{index}:Issuer", Issuer), ($"Auth:Issuers:{index}:Audience", "https://gateway/mcp")];

    /// <summary>A token of this issuer; each argument makes it another one.</summary>
    public string Token(
        DateTimeOffset now,
        Action<Dictionary<string, object?>>? claims = null,
        Action<Dictionary<string, object>>? head = null,
        SecurityKey? signer = null,
        string algorithm = SecurityAlgorithms.RsaSha256)
    {
        var payload = new Dictionary<string, object?>
        {
            ["iss"] = Issuer,
            ["aud"] = "https://gateway/mcp",
            ["sub"] = "alice",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
            ["scope"] = "openid jobs:read jobs:run",
            ["roles"] = new[] { "gateway.user", "other" },
        };
        claims?.Invoke(payload);
        var extra = new Dictionary<string, object>();
        head?.Invoke(extra);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            JsonSerializer.Serialize(payload.Where(claim => claim.Value is not null).ToDictionary()), new SigningCredentials(signer ?? key, algorithm), extra);
    }

    public static string Unsigned(string token)
    {
        var head = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        return $"{head}.{token.Split('.')[1]}.";
    }

    /// <summary>The public key as the shared secret that a careless verifier would take it for.</summary>
    public SymmetricSecurityKey PublicKeyAsSecret() => new(Encoding.ASCII.GetBytes(key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = key.KeyId };

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue(context.Request.Path);
        await Gate.WaitAsync(context.RequestAborted);
        if (IsDown)
        {
            context.Response.StatusCode = 503;
            return;
        }

        var json = context.Request.Path.Value == "/keys"
            ? JsonSerializer.Serialize(new { keys = new object[] { Public(key), new { kty = "oct", kid = "secret", k = "c2VjcmV0" }, new { kty = "RSA", kid = "enc", use = "enc", n = "AQ", e = "AQAB" } } })
            : JsonSerializer.Serialize(new { issuer = Claims ?? Issuer, jwks_uri = KeysAddress ?? Issuer + "/keys" });
        await context.Response.WriteAsync(json);
    }

    private static object Public(RsaSecurityKey key)
    {
        var parameters = key.Rsa.ExportParameters(false);
        return new { kty = "RSA", kid = key.KeyId, use = "sig", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
    }
}
