using System.Net;
using Gateway.Hosting.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>Live and ready are two questions, and neither tells a stranger anything.</summary>
public sealed class HealthSpecs
{
    private const string Secret = "Host=db.internal;Password=canary";

    [Fact]
    public async Task A_failed_part_makes_a_host_unready_and_leaves_it_alive()
    {
        await using var app = Build(HealthCheckResult.Unhealthy(Secret, new InvalidOperationException(Secret)));
        await app.StartAsync(TestContext.Current.CancellationToken);

        var ready = await ReadAsync(app, "/health/ready");
        var live = await ReadAsync(app, "/health/live");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("""{"name":"part","status":"failed",""", ready.Body, StringComparison.Ordinal);
        Assert.Contains("""{"name":"host","status":"ok"}""", ready.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", ready.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, live.Status);
    }

    [Fact]
    public async Task A_degraded_part_is_told_and_leaves_the_host_ready()
    {
        await using var app = Build(HealthCheckResult.Degraded());
        await app.StartAsync(TestContext.Current.CancellationToken);

        var ready = await ReadAsync(app, "/health/ready");

        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Contains("\"name\":\"part\",\"status\":\"degraded\"", ready.Body, StringComparison.Ordinal);
        Assert.StartsWith("""{"status":"ok",""", ready.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_hangs_is_a_part_that_failed()
    {
        await using var app = Build(null, ("Health:Timeout", "00:00:00.1"));
        await app.StartAsync(TestContext.Current.CancellationToken);

        var ready = await ReadAsync(app, "/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("It did not answer in time.", ready.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_says_so_for_as_long_as_it_still_serves()
    {
        var clock = new FakeTimeProvider();
        await using var app = Build(HealthCheckResult.Healthy(), clock, ("Health:DrainNotice", "00:00:20"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(app, "/health/ready")).Status);

        var stopped = app.StopAsync(TestContext.Current.CancellationToken);
        var ready = await ReadAsync(app, "/health/ready");
        var live = await ReadAsync(app, "/health/live");

        Assert.False(stopped.IsCompleted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("The process is stopping", ready.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, live.Status);
        clock.Advance(TimeSpan.FromSeconds(20));
        await stopped;
    }

    [Fact]
    public async Task A_host_that_serves_nothing_else_has_a_listener_of_its_own_for_it()
    {
        var port = FreePort();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("Health:Url", $"http://127.0.0.1:{port}")]);
        builder.Services.AddHostHealth();
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), TestContext.Current.CancellationToken);
        var nothingElse = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/mcp"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"status":"ok","checks":[{"name":"host","status":"ok"}]}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, nothingElse.StatusCode);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("http://user:word@127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/path")]
    public void A_wrong_address_of_the_listener_stops_the_start_with_its_name(string url)
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Build(HealthCheckResult.Healthy(), ("Health:Url", url)));

        Assert.Contains("Health:Url", fault.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(HealthCheckResult? part, params (string Key, string Value)[] settings) => Build(part, TimeProvider.System, settings);

    private static WebApplication Build(HealthCheckResult? part, TimeProvider clock, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddSingleton(clock);
        builder.Services.AddHostHealth().AddHealthChecks().AddAsyncCheck("part", token => CheckAsync(part, token), [HealthChecks.ReadyTag]);
        var app = builder.Build();
        app.MapGatewayHealth();
        return app;
    }

    private static async Task<HealthCheckResult> CheckAsync(HealthCheckResult? part, CancellationToken cancellationToken)
    {
        if (part is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return part ?? default;
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadAsync(WebApplication app, string path)
    {
        using var http = new HttpClient();
        var answer = await http.GetAsync(new Uri(app.Urls.Single() + path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
