using Gateway.Api.Auth;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Who called, and how, is said by the connection; a named proxy may say it in headers, and nobody else.</summary>
public sealed class ProxySpecs
{
    private const string Caller = "203.0.113.9";

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task A_named_proxy_says_who_called_and_by_which_scheme(string proxy)
    {
        await using var host = await EdgeHost.StartAsync(("Edge:TrustedProxies:0", proxy));

        var (_, _, response) = await host.SendAsync(Forwarded(host, Caller));

        Assert.Equal(Caller, Assert.Single(await host.FailuresAsync()).Address);
        Assert.Equal("max-age=31536000", response.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task From_elsewhere_such_headers_are_not_believed(string? proxy)
    {
        await using var host = await EdgeHost.StartAsync(proxy is null ? [] : [("Edge:TrustedProxies:0", proxy)]);

        var (_, _, response) = await host.SendAsync(Forwarded(host, Caller));

        Assert.Equal("127.0.0.1", Assert.Single(await host.FailuresAsync()).Address);
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task The_framework_s_own_switch_does_not_make_everybody_a_proxy()
    {
        await using var host = await EdgeHost.StartAsync(("ForwardedHeaders_Enabled", "true"));

        await host.SendAsync(Forwarded(host, Caller));

        Assert.Equal("127.0.0.1", Assert.Single(await host.FailuresAsync()).Address);
    }

    [Fact]
    public async Task An_address_that_the_caller_put_before_the_proxy_s_own_is_not_believed()
    {
        await using var host = await EdgeHost.StartAsync(("Edge:TrustedProxies:0", "127.0.0.1"));

        await host.SendAsync(Forwarded(host, $"192.0.2.1, {Caller}"));

        Assert.Equal(Caller, Assert.Single(await host.FailuresAsync()).Address);
    }

    [Theory]
    [InlineData("gateway.example.com", true, 401)]
    [InlineData("evil.example.com", true, 400)]
    [InlineData("gateway.example.com", false, 401)]
    [InlineData("evil.example.com", false, 401)]
    public async Task The_host_that_a_named_proxy_forwards_is_judged_like_any_other(string name, bool trusted, int status)
    {
        await using var host = await EdgeHost.StartAsync(("Edge:AllowedHosts:0", "gateway.example.com"), ("Edge:TrustedProxies:0", trusted ? "127.0.0.1" : "10.0.0.1"));
        var request = Forwarded(host, Caller);
        request.Headers.Add("X-Forwarded-Host", name);

        Assert.Equal(status, (await host.SendAsync(request)).Status);
    }

    private static HttpRequestMessage Forwarded(EdgeHost host, string from)
    {
        var request = host.Post("{}", withKey: false);
        request.Headers.Add(CredentialHandler.HeaderName, KeyText.New());
        request.Headers.Add("X-Forwarded-For", from);
        request.Headers.Add("X-Forwarded-Proto", "https");
        return request;
    }
}
