using System.Net;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What every answer carries, and what none does.</summary>
public sealed class SafeAnswerSpecs
{
    private const string Canary = "Host=db;Password=hunter2";

    public static TheoryData<string, string, int> Answers => new()
    {
        { "GET", "/health/ready", 200 },
        { "POST", "/mcp", 401 },
        { "GET", "/nowhere", 404 },
        { "GET", "/admin/status", 404 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_is_kept_nowhere_framed_nowhere_and_names_no_server(string method, string path, int status)
    {
        await using var host = await EdgeHost.StartAsync();

        var (actual, _, response) = await host.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(host.Mcp, path)));

        Assert.Equal(status, actual);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_fault_of_ours_is_told_to_the_log_and_not_to_the_caller(string environment)
    {
        await using var host = await EdgeHost.StartAsync(("environment", environment));
        host.Keys.Gate = Task.FromException(new NotSupportedException(Canary));
        var request = host.Post("{}", withKey: false);
        request.Headers.Add("X-API-Key", Gateway.Api.Auth.KeyText.New());
        request.Headers.Accept.Clear();
        request.Headers.Accept.ParseAdd("text/html");

        var (status, body, response) = await host.SendAsync(request);

        Assert.Equal(500, status);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("-32603", body, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", body, StringComparison.Ordinal);
        Assert.DoesNotContain("NotSupportedException", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", body, StringComparison.Ordinal);
        Assert.Contains(host.Log, line => line.Contains(nameof(NotSupportedException), StringComparison.Ordinal));
        Assert.True(response.Headers.Contains("X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_body_that_stops_is_408_in_words()
    {
        await using var host = await EdgeHost.StartAsync(("Edge:Limits:MinBodyBytesPerSecond", "1000000"));
        using var call = await RawCall.OpenAsync(host.Mcp);
        await call.WriteAsync($"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {host.Key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");

        var answer = await call.ReadToEndAsync();

        Assert.StartsWith($"HTTP/1.1 {(int)HttpStatusCode.RequestTimeout} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
    }
}
