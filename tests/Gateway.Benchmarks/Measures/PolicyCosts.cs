using System.Text.Json.Nodes;
using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>What a policy of fifty rules adds to a submit. Both gateways stand side by side and are asked by turns: what else the machine does meets both alike.</summary>
internal static class PolicyCosts
{
    private const double MostSlowdown = 1.25;
    private const int Predicates = 44;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, FiftyRules(), cancellationToken);
            string[] settings = ["--Worker:Slots=1", "--Jobs:MaxQueued=1000000"];
            await using var plain = await context.StartAsync(signalling: false, cancellationToken, settings);
            await using var ruled = await context.StartAsync(signalling: false, cancellationToken, [.. settings, $"--Policies:File={file}"]);
            await context.WarmUpAsync(plain, cancellationToken);
            await context.WarmUpAsync(ruled, cancellationToken);
            var clock = TimeProvider.System;
            var (without, with) = (new Samples(), new Samples());
            var (plainCpu, ruledCpu) = (ProcessFigures.Cpu(plain.GatewayId), ProcessFigures.Cpu(ruled.GatewayId));
            using var first = plain.Caller();
            using var second = ruled.Caller();
            for (var i = 0; i < context.Times(400); i++)
            {
                // Neither is always the one that comes after the other.
                foreach (var (caller, samples) in i % 2 == 0 ? [(first, without), (second, with)] : new[] { (second, with), (first, without) })
                {
                    var started = clock.GetTimestamp();
                    await caller.SubmitAsync($"now 0 single-{i}", cancellationToken);
                    samples.Add(clock.GetElapsedTime(started));
                }
            }

            var (cpuWithout, cpuWith) = (ProcessFigures.Cpu(plain.GatewayId) - plainCpu, ProcessFigures.Cpu(ruled.GatewayId) - ruledCpu);
            return
            [
                new Figure("submit without policy files, p50", "ms", without.Median, null, without.Spread),
                new Figure("submit under 50 rules, p50", "ms", with.Median, null, with.Spread),
                new Figure("  slower by", with.Median / without.Median, Bar.AtMost(MostSlowdown, "times")),
                // On a machine with other work this says more than the times: the jobs that run beside cost both gateways alike.
                new Figure("  processor time more by", "times", cpuWith / cpuWithout, null, FormattableString.Invariant($"{cpuWithout.TotalMilliseconds / without.Count:0.0} and {cpuWith.TotalMilliseconds / with.Count:0.0} ms a submit with its job")),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Rules of every kind that a call meets and passes: conditions with patterns, lists and paths, counters of every scope, and a cap.
    private static string FiftyRules()
    {
        var denied = new JsonArray([.. Enumerable.Range(0, Predicates).Select(i => (JsonNode)new JsonObject
        {
            ["path"] = i % 4 == 0 ? "args.prompt" : i % 4 == 1 ? "args.model" : i % 4 == 2 ? "args.workingDir" : "args.permissionMode",
            ["op"] = i % 4 == 0 ? "regex" : i % 4 == 1 ? "in" : i % 4 == 2 ? "under" : "eq",
            ["value"] = (i % 4) switch { 0 => $"^forbidden-{i} .*(a|b)+$", 1 => new JsonArray("m-1", $"m-{i}"), 2 => $"/srv/secret-{i}", _ => $"mode-{i}" },
        })]);
        var limits = new JsonArray(
            Counter("minute", "grant"),
            Counter("hour", "grant"),
            Counter("day", "grant"),
            Counter("day", "tenant"),
            new JsonObject { ["kind"] = "queued", ["max"] = 1_000_000 });
        var rule = new JsonObject { ["require"] = new JsonArray(new JsonObject { ["path"] = "args.prompt", ["op"] = "exists", ["value"] = true }), ["deny_if"] = denied, ["limits"] = limits };
        return new JsonObject
        {
            ["version"] = "1",
            ["default"] = "deny",
            ["tools"] = new JsonObject { ["claude_request_async"] = rule, ["llm_job_status"] = new JsonObject(), ["llm_job_result"] = new JsonObject(), ["llm_job_cancel"] = new JsonObject() },
        }.ToJsonString();
    }

    private static JsonObject Counter(string window, string scope) =>
        new JsonObject { ["counter"] = $"starts-{window}-{scope}", ["window"] = window, ["max"] = 1_000_000, ["scope"] = scope };
}
