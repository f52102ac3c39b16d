using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>What a gateway tells those who run it, and that it tells nobody else.</summary>
public sealed class TelemetrySpecs : GatewayHouse
{
    [Fact]
    public async Task One_trace_leads_from_the_call_through_outbox_and_bus_to_the_environment_of_the_cli()
    {
        using var collector = new OtlpCollector();
        var gateway = await StartAsync(("Telemetry:OtlpEndpoint", collector.Address), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:01"));

        var job = await TracedCall.SubmitAsync(gateway, "[[fake: dump; cost 0.25]]");
        Assert.Equal("completed", (await gateway.Client.EndAsync(job)).Status);
        var dump = JsonElement.Parse(await gateway.Client.AnswerAsync(job));
        foreach (var name in (string[])["gateway.jobs.accepted", "gateway.jobs.ended", "gateway.job.wait", "gateway.run.duration", "gateway.cost", "gateway.jobs.queued", "gateway.worker.slots", "gateway.outbox.depth"])
        {
            // Each report holds what was counted by then: the job's end may be in the next one.
            await Wait.UntilAsync(() => collector.Metrics.Contains(name, StringComparison.Ordinal), $"{name} came");
        }

        await Wait.UntilAsync(() => collector.Spans.Any(span => span.Name == "run start"), "the span came");

        var seen = dump.GetProperty("env").GetProperty("TRACEPARENT").GetString()!.Split('-');
        var ours = collector.Spans.Where(span => span.TraceId == TracedCall.TraceId).ToList();
        var run = Assert.Single(collector.Spans, span => span.Name == "run start");
        Assert.Equal((TracedCall.TraceId, run.SpanId), (seen[1], seen[2]));
        Assert.Equal(TracedCall.TraceId, run.TraceId);
        Assert.Contains(ours, span => span.SpanId == run.ParentId);
        Assert.Contains(ours, span => span.Name.Contains("gateway-run-claude", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_connection_is_opened_but_to_the_configured_collector()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: build/test installs it when it may.");
        using var collector = new OtlpCollector();
        foreach (var telemetry in (bool[])[false, true])
        {
            var trace = At($"connects-{telemetry}");
            var script = At($"traced-{telemetry}");
            // -D: the gateway itself is the child that is started, and the tracer stands beside it.
            await File.WriteAllTextAsync(script, $"#!/bin/sh\nexec strace -D -f --seccomp-bpf -e trace=connect,sendto -e signal=none -o {trace} {BuiltPrograms.Gateway} \"$@\"\n", Token);
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            (string, string)[] settings = telemetry ? [("Telemetry:OtlpEndpoint", collector.Address), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:01")] : [];
            var gateway = await GatewayProcess.StartAsync(NextFolder(), [.. WithCli(BuiltPrograms.FakeAgent, [("Worker:Sandbox", "Process"), .. settings])], script);
            Guard(gateway);
            Assert.Equal("completed", (await gateway.Client.RunAsync("[[fake: answer hello]]")).Status);
            await gateway.StopAsync();

            var lines = await File.ReadAllLinesAsync(trace, Token);
            var inet = lines.Where(line => line.Contains("sa_family=AF_INET", StringComparison.Ordinal)).ToList();
            Assert.Contains(lines, line => line.Contains("sa_family=AF_UNIX", StringComparison.Ordinal));
            Assert.Equal(telemetry, inet.Count > 0);
            Assert.All(inet, line => Assert.Contains($"htons({collector.Port})", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_json_log_has_one_object_a_line_and_never_a_prompt_or_an_output()
    {
        const string Canary = "canary7f3a";
        var gateway = await StartAsync(("Logging:Format", "json"), ("Logging:LogLevel:Gateway", "Trace"));

        await gateway.Client.RunAsync($"[[fake: say {Canary}; print {Canary}; stderr {Canary}; answer {Canary}]]");
        await gateway.Client.RunAsync($"[[fake: print {Canary}; stderr {Canary}; exit 3]]", ("maxAttempts", 1));
        await gateway.Client.CallAsync("claude_request_async", new { prompt = Canary, workingDir = "/" + Canary });
        await gateway.StopAsync();

        var lines = gateway.Log.Split('\n').Where(line => !line.StartsWith("Gateway listens", StringComparison.Ordinal) && !line.StartsWith("API key", StringComparison.Ordinal) && !line.StartsWith("----", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.True(JsonElement.Parse(line).TryGetProperty("message", out _), line));
        Assert.DoesNotContain(Canary, gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(Path.Combine(gateway.Data, "worker", "runner", "runner.log"), Token), StringComparison.Ordinal);
    }
}
