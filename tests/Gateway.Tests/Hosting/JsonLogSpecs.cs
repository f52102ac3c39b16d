using System.Diagnostics;
using System.Text.Json;
using Gateway.Hosting.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>The JSON log: one object a line, with the members that a search needs and no others.</summary>
public sealed class JsonLogSpecs
{
    private readonly LoggerExternalScopeProvider scopes = new();

    [Fact]
    public void An_entry_is_one_line_with_job_attempt_tenant_and_trace()
    {
        var job = Guid.NewGuid();
        using var activity = new Activity("call").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var scope = scopes.Push(new Dictionary<string, object?> { ["Tenant"] = "acme", ["Prompt"] = "canary" });

        var entry = Write([new("JobId", job), new("Attempt", 2), new("Path", "canary")], "It was\nlost", new InvalidOperationException("first\nsecond"));

        Assert.Equal(["at", "level", "category", "event", "message", "tenant", "jobId", "attempt", "traceId", "spanId", "exception"], entry.EnumerateObject().Select(m => m.Name));
        Assert.Equal("2026-01-02T03:04:05.000Z", entry.GetProperty("at").GetString());
        Assert.Equal("warning", entry.GetProperty("level").GetString());
        Assert.Equal("It was\nlost", entry.GetProperty("message").GetString());
        Assert.Equal((job.ToString(), 2, "acme"), (entry.GetProperty("jobId").GetString(), entry.GetProperty("attempt").GetInt32(), entry.GetProperty("tenant").GetString()));
        Assert.Equal(activity.TraceId.ToHexString(), entry.GetProperty("traceId").GetString());
        Assert.DoesNotContain("canary", entry.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_entry_says_itself_wins_over_its_scope()
    {
        using var scope = scopes.Push(new Dictionary<string, object?> { ["JobId"] = "outer" });

        Assert.Equal("inner", Write([new("JobId", "inner")], "fact", null).GetProperty("jobId").GetString());
    }

    [Fact]
    public void The_trace_of_the_job_wins_over_that_of_the_sweep_that_took_it()
    {
        const string Asked = "0af7651916cd43dd8448eb211c80319c";
        using var sweep = new Activity("sweep").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var scope = scopes.Push(new Dictionary<string, object?> { ["TraceId"] = Asked });

        var entry = Write([], "fact", null);

        Assert.Equal(Asked, entry.GetProperty("traceId").GetString());
        Assert.False(entry.TryGetProperty("spanId", out _));
    }

    private JsonElement Write(List<KeyValuePair<string, object?>> state, string message, Exception? exception)
    {
        var formatter = new JsonLogFormatter(new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        using var text = new StringWriter();
        formatter.Write(new LogEntry<List<KeyValuePair<string, object?>>>(LogLevel.Warning, "Gateway.Any", new EventId(7), state, exception, (_, _) => message), scopes, text);
        var line = Assert.Single(text.ToString().TrimEnd('\n').Split('\n'));
        return JsonElement.Parse(line);
    }
}
