using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Auth.Tokens;
using Gateway.Policies.Grants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Tokens of an OpenID provider, genuine and forged.</summary>
public sealed class TokenSpecs : IAsyncLifetime
{
    private const string Health = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_process_health","arguments":{}}}""";
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private TestIssuer issuer = null!;
    private TestIssuer second = null!;
    private EdgeHost host = null!;

    private DateTimeOffset Now => clock.GetUtcNow();

    private TokenVerifier Verifier => host.Services.GetRequiredService<TokenVerifier>();

    public async ValueTask InitializeAsync()
    {
        (issuer, second) = (await TestIssuer.StartAsync(), await TestIssuer.StartAsync());
        host = await EdgeHost.StartAsync(clock, [.. issuer.Settings(), .. second.Settings(1)]);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await issuer.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_genuine_token_is_served_and_all_its_claims_reach_the_grants()
    {
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);

        var genuine = Assert.IsType<TokenVerdict.Genuine>(await Verifier.VerifyAsync(issuer.Token(Now, claims => (claims["n"], claims["o"], claims["scp"]) = (7, new { x = 1 }, new[] { "jobs:cancel" }))));
        Assert.Equal((issuer.Issuer, "alice"), (genuine.Token.Issuer, genuine.Token.Subject));
        Assert.Equal(["gateway.user", "other"], genuine.Token.Claims["roles"]);
        Assert.Equal(["7"], genuine.Token.Claims["n"]);
        Assert.Empty(genuine.Token.Claims["o"]);
        Assert.Equal([Scopes.JobsCancel, Scopes.JobsRead, Scopes.JobsRun], genuine.Scopes.Order());
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "audience", "aud" },
        { "no audience", "aud" },
        { "issuer", "issuer" },
        { "no issuer", "issuer" },
        { "expired", "time" },
        { "without end", "time" },
        { "not yet", "time" },
        { "alg none", "kind" },
        { "alg None", "kind" },
        { "public key as secret", "kind" },
        { "algorithm not listed", "kind" },
        { "foreign jku", "signature" },
        { "own key in the head", "signature" },
        { "crit", "kind" },
        { "unknown kid", "key" },
        { "key of the other issuer", "signature" },
        { "changed", "signature" },
        { "cut", "signature" },
        { "no subject", "subject" },
        { "key for encryption", "key" },
        { "three dots", "read" },
        { "longer than any token", "read" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_token_is_401_and_says_where_a_genuine_one_is_to_be_had(string how, string reason)
    {
        await using var stranger = await TestIssuer.StartAsync();
        var (status, body, response) = await SendAsync(Forge(how, stranger));

        Assert.Equal(401, status);
        Assert.Contains(reason, body, StringComparison.Ordinal);
        var challenge = response.Headers.WwwAuthenticate.ToString();
        Assert.Contains("error=\"invalid_token\"", challenge, StringComparison.Ordinal);
        Assert.Contains($"resource_metadata=\"http://127.0.0.1:{host.Mcp.Port}/.well-known/oauth-protected-resource/mcp\"", challenge, StringComparison.Ordinal);
        Assert.Empty(stranger.Asked);
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);
    }

    [Fact]
    public async Task The_clocks_may_differ_by_a_minute()
    {
        Assert.Equal(200, (await SendAsync(issuer.Token(Now, claims => claims["exp"] = Now.AddSeconds(-59).ToUnixTimeSeconds()))).Status);
        Assert.Equal(200, (await SendAsync(issuer.Token(Now, claims => claims["nbf"] = Now.AddSeconds(59).ToUnixTimeSeconds()))).Status);
        Assert.Equal(401, (await SendAsync(issuer.Token(Now, claims => claims["exp"] = Now.AddSeconds(-60).ToUnixTimeSeconds()))).Status);
    }

    [Fact]
    public async Task A_token_without_the_scope_is_403_and_is_told_which()
    {
        var (status, body, response) = await SendAsync(issuer.Token(Now, claims => claims["scope"] = "jobs:run jobs:everything"));

        Assert.Equal(403, status);
        Assert.Contains("jobs:read", body, StringComparison.Ordinal);
        Assert.Contains("error=\"insufficient_scope\", scope=\"jobs:read\", resource_metadata=", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_subject_of_another_issuer_is_another_caller()
    {
        var identities = new Identities(new BookOfTheKey());
        async Task<Identity> Of(TestIssuer one)
        {
            var genuine = Assert.IsType<TokenVerdict.Genuine>(await Verifier.VerifyAsync(one.Token(Now)));
            return identities.OfToken(genuine.Token, genuine.Scopes);
        }

        var (one, other) = (await Of(issuer), await Of(second));
        Assert.Equal(((Credential.Token)one.Credential!).Subject, ((Credential.Token)other.Credential!).Subject);
        Assert.NotEqual(one.Caller, other.Caller);
    }

    [Theory]
    [InlineData("/.well-known/oauth-protected-resource")]
    [InlineData("/.well-known/oauth-protected-resource/mcp")]
    public async Task Without_a_credential_a_client_learns_where_to_get_one(string path)
    {
        var (status, _, response) = await host.SendAsync(host.Post(Health, withKey: false));
        Assert.Equal(401, status);
        Assert.DoesNotContain("error=", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        var document = JsonElement.Parse(await host.Http.GetStringAsync(new Uri(host.Mcp, path), TestContext.Current.CancellationToken));

        Assert.Equal(host.Mcp.ToString(), document.GetProperty("resource").GetString());
        Assert.Equal([issuer.Issuer, second.Issuer], document.GetProperty("authorization_servers").EnumerateArray().Select(one => one.GetString()));
        Assert.Contains("jobs:run", document.GetProperty("scopes_supported").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task Keys_of_the_gateway_are_served_beside_tokens_and_a_token_is_no_key()
    {
        Assert.Equal(200, (await host.SendAsync(host.Post(Health))).Status);
        var request = host.Post(Health, withKey: false);
        request.Headers.Add("X-API-Key", issuer.Token(Now));
        Assert.Equal(401, (await host.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_changed_key_is_found_by_one_fetch_however_many_tokens_come()
    {
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);
        issuer.Rotate("k2");
        // Within seconds of the last fetch nobody is sent again: invented key ids would send anybody.
        Assert.Equal(401, (await SendAsync(issuer.Token(Now))).Status);
        Assert.Equal(1, issuer.Fetches);
        clock.Advance(IssuerKeys.BetweenFetches);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync(issuer.Token(Now))));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(2, issuer.Fetches);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SendAsync(issuer.Token(Now, signer: TestIssuer.NewKey($"x{i}")))));
        Assert.Equal(2, issuer.Fetches);
    }

    [Fact]
    public async Task Keys_that_are_known_serve_while_the_issuer_is_down_and_are_fetched_anew_behind_the_calls()
    {
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);
        issuer.IsDown = true;
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);
        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(503, (await SendAsync(issuer.Token(Now))).Status);
    }

    [Fact]
    public async Task An_issuer_that_was_never_reached_is_503_and_not_asked_for_each_call()
    {
        issuer.IsDown = true;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync(issuer.Token(Now))));

        Assert.All(answers, answer => Assert.Equal((503, TimeSpan.FromSeconds(5)), (answer.Status, answer.Response.Headers.RetryAfter?.Delta)));
        Assert.Single(issuer.Asked);
        issuer.IsDown = false;
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await SendAsync(issuer.Token(Now))).Status);
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_not_waited_for()
    {
        issuer.Gate = new TaskCompletionSource().Task;
        var calls = Enumerable.Range(0, 20).Select(_ => SendAsync(issuer.Token(Now))).ToArray();
        // The clock moves only once a fetch waits for it.
        while (issuer.Asked.IsEmpty)
        {
            await Task.Yield();
        }

        clock.Advance(IssuerKeys.LongestFetch);
        Assert.All(await Task.WhenAll(calls), answer => Assert.Equal(503, answer.Status));
        Assert.Single(issuer.Asked);
    }

    [Theory]
    [InlineData("https://somebody.else", null)]
    [InlineData(null, "http://10.0.0.1/keys")]
    [InlineData(null, "file:///etc/passwd")]
    public async Task Metadata_of_somebody_else_or_keys_over_an_open_wire_are_not_taken(string? says, string? keys)
    {
        (issuer.Claims, issuer.KeysAddress) = (says, keys);
        Assert.Equal(503, (await SendAsync(issuer.Token(Now))).Status);
        Assert.Equal(0, issuer.Fetches);
    }

    [Fact]
    public async Task No_token_and_no_key_is_in_the_log()
    {
        var (good, bad) = (issuer.Token(Now), issuer.Token(Now, claims => claims["aud"] = "other"));
        var (wrongKey, key) = (KeyText.New(), await host.Services.GetRequiredService<KeyDesk>().CreateAsync("local", "default", [Scopes.JobsRead], null, "operator:1", TestContext.Current.CancellationToken));
        host.Keys.IsAway = false;
        foreach (var presented in new[] { good, bad, wrongKey, key.Text, host.Key })
        {
            await SendAsync(presented);
        }

        second.IsDown = true;
        await SendAsync(second.Token(Now));
        Assert.NotEmpty(host.Log);
        Assert.Contains(host.Log, line => line.Contains("could not be fetched", StringComparison.Ordinal));
        foreach (var secret in new[] { good.Split('.')[2], good.Split('.')[1], bad.Split('.')[2], wrongKey[16..], key.Text[16..], key.Key.Hash, host.Key[16..] })
        {
            Assert.DoesNotContain(host.Log, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Issuer", "http://login.example.com")]
    [InlineData("Issuer", "login")]
    [InlineData("Audience", "")]
    [InlineData("MetadataAddress", "http://login.example.com/x")]
    [InlineData("Algorithms", "HS256")]
    [InlineData("Algorithms", "none")]
    [InlineData("Algorithms", "")]
    [InlineData("ScopeClaim", "")]
    [InlineData("ClockSkew", "00:06:00")]
    public async Task A_setting_that_would_let_forgeries_in_stops_the_start(string setting, string value)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => EdgeHost.StartAsync([.. issuer.Settings().Where(one => !one.Item1.EndsWith(setting, StringComparison.Ordinal)), ($"Auth:Issuers:0:{setting}", value)]));
        Assert.Contains($"Auth:Issuers:0:{setting}", Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    private string Forge(string how, TestIssuer stranger) => how switch
    {
        "audience" => issuer.Token(Now, claims => claims["aud"] = "https://elsewhere/mcp"),
        "no audience" => issuer.Token(Now, claims => claims["aud"] = null),
        "issuer" => stranger.Token(Now),
        "no issuer" => issuer.Token(Now, claims => claims["iss"] = null),
        "expired" => issuer.Token(Now, claims => claims["exp"] = Now.AddMinutes(-2).ToUnixTimeSeconds()),
        "without end" => issuer.Token(Now, claims => claims["exp"] = null),
        "not yet" => issuer.Token(Now, claims => claims["nbf"] = Now.AddMinutes(2).ToUnixTimeSeconds()),
        "alg none" => TestIssuer.Unsigned(issuer.Token(Now)),
        "alg None" => TestIssuer.Unsigned(issuer.Token(Now)).Replace(Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}"""), Base64UrlEncoder.Encode("""{"alg":"None","typ":"JWT"}"""), StringComparison.Ordinal),
        "public key as secret" => issuer.Token(Now, signer: issuer.PublicKeyAsSecret(), algorithm: SecurityAlgorithms.HmacSha256),
        "algorithm not listed" => issuer.Token(Now, algorithm: SecurityAlgorithms.RsaSha512),
        "foreign jku" => issuer.Token(Now, head: head => head["jku"] = stranger.Issuer + "/keys", signer: WithIdOf(stranger.Key)),
        "own key in the head" => issuer.Token(Now, head: head => head["jwk"] = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(stranger.Key.Rsa.ExportParameters(false))).N, signer: WithIdOf(stranger.Key)),
        "crit" => issuer.Token(Now, head: head => head["crit"] = new[] { "exp" }),
        "unknown kid" => issuer.Token(Now, signer: stranger.Key is var key ? new RsaSecurityKey(key.Rsa) { KeyId = "unknown" } : null),
        "key of the other issuer" => issuer.Token(Now, signer: WithIdOf(second.Key)),
        "changed" => string.Join('.', issuer.Token(Now).Split('.') is var parts ? [parts[0], issuer.Token(Now, claims => claims["sub"] = "admin").Split('.')[1], parts[2]] : []),
        "cut" => issuer.Token(Now)[..^4],
        "no subject" => issuer.Token(Now, claims => claims["sub"] = null),
        "key for encryption" => issuer.Token(Now, signer: new RsaSecurityKey(stranger.Key.Rsa) { KeyId = "enc" }),
        "three dots" => "a.b.c",
        _ => issuer.Token(Now, claims => claims["pad"] = new string('x', 16_000)),
    };

    private RsaSecurityKey WithIdOf(RsaSecurityKey key) => new(key.Rsa) { KeyId = issuer.Key.KeyId };

    private Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(string presented)
    {
        var request = host.Post(Health, withKey: false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", presented);
        return host.SendAsync(request);
    }
}
