using System.Text.Json;
using Gateway.EndToEndTests.Operators;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>What many processes tell of one job.</summary>
public sealed class TelemetrySpecs : ScaleOutHouse
{
    private const string Canary = "canary7f3a";
    private const int DirectoriesRemoved = 3080;

    [Fact]
    public async Task One_trace_leads_from_the_call_over_the_broker_to_the_cli_on_a_worker_and_both_export_metrics()
    {
        using var collector = new OtlpCollector();
        (string, string)[] telemetry = [("Telemetry:OtlpEndpoint", collector.Address), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:01")];
        var api = await StartApiAsync(telemetry);
        await StartWorkerAsync("w1", telemetry);

        var job = await TracedCall.SubmitAsync(api, "[[fake: dump; cost 0.25]]");
        Assert.Equal("completed", (await api.Client.EndAsync(job)).Status);
        var seen = JsonElement.Parse(await api.Client.AnswerAsync(job)).GetProperty("env").GetProperty("TRACEPARENT").GetString()!.Split('-');
        await Wait.UntilAsync(
            () => collector.Spans.Any(span => span.Name == "run start") && ((string[])["gateway.jobs.ended", "gateway.runs.ended", "gateway.worker.slots"]).All(name => collector.Metrics.Contains(name, StringComparison.Ordinal)),
            "spans of the worker and metrics of both came");

        var run = Assert.Single(collector.Spans, span => span.Name == "run start");
        Assert.Equal((TracedCall.TraceId, "gateway-worker"), (run.TraceId, run.Service));
        Assert.Equal((TracedCall.TraceId, run.SpanId), (seen[1], seen[2]));
        await Wait.UntilAsync(() => collector.Spans.Any(span => span.SpanId == run.ParentId), "the span above it came");
        var above = Assert.Single(collector.Spans, span => span.SpanId == run.ParentId);
        Assert.Equal((TracedCall.TraceId, "gateway-api"), (above.TraceId, above.Service));
        Assert.Contains(collector.Spans, span => span.TraceId == TracedCall.TraceId && span.Service == "gateway-worker" && span.Name.Contains(RunQueue, StringComparison.Ordinal));
        foreach (var service in (string[])["gateway-api", "gateway-worker"])
        {
            Assert.Contains(service, collector.Metrics, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_line_about_a_job_carries_job_attempt_tenant_and_trace_and_none_a_prompt_or_an_output()
    {
        (string, string)[] log = [("Logging:Format", "json"), ("Logging:LogLevel:Gateway", "Trace")];
        var api = await StartApiAsync(log);
        var worker = await StartWorkerAsync("w1", [.. log, ("Worker:CancelGrace", "00:00:01")]);

        var said = await TracedCall.SubmitAsync(api, $"[[fake: say {Canary}; print {Canary}; stderr {Canary}; answer {Canary}]]");
        var adopted = await TracedCall.SubmitAsync(api, $"[[fake: log {Log}; print {Canary}; hang]]");
        await api.Client.EndAsync(said);
        await Wait.LinesAsync(Log, 1);
        await worker.KillAsync();
        await worker.StartAsync();
        await Wait.UntilAsync(() => worker.Log.Contains("was adopted", StringComparison.Ordinal), "the run is adopted");
        await api.Client.CancelAsync(adopted);
        await api.Client.EndAsync(adopted);
        await worker.StopAsync();
        await api.StopAsync();

        var lines = (api.Log + "\n" + worker.Log).Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line)).ToList();
        // What is left of a job in a worker's folders may be removed long after the last run: of whom it was, is not known there any more.
        var ofJobs = lines.Where(line => line.TryGetProperty("jobId", out _) && line.GetProperty("event").GetInt32() != DirectoriesRemoved).ToList();
        foreach (var job in (string[])[said, adopted])
        {
            var own = ofJobs.Where(line => line.GetProperty("jobId").GetString() == PublicId.Read(job).ToString()).ToList();
            Assert.NotEmpty(own);
            Assert.All(own, line => Assert.Equal(("default", TracedCall.TraceId), (Text(line, "tenant"), Text(line, "traceId"))));
            Assert.All(own, line => Assert.Equal(1, line.GetProperty("attempt").GetInt32()));
        }

        foreach (var text in (string[])[api.Log, worker.Log, await File.ReadAllTextAsync(Path.Combine(worker.Data, "worker", "runner", "runner.log"), Token)])
        {
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        }
    }

    private static string? Text(JsonElement line, string member) => line.TryGetProperty(member, out var text) ? text.GetString() : null;
}
