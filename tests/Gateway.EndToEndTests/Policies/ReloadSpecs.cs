using System.Net;
using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Operators;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Policies;

/// <summary>Policy files that are edited while a gateway runs.</summary>
public sealed class ReloadSpecs : GatewayHouse
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task An_edit_is_in_force_within_two_seconds_and_what_was_used_stays_used()
    {
        var folder = new PolicyFolder(At("policies"), PolicyFolder.Starts(2));
        var gateway = await StartAsync(("Policies:Folder", folder.Path));
        Assert.False((await SubmitAsync(gateway)).IsError);
        Assert.False((await SubmitAsync(gateway)).IsError);
        var full = (await SubmitAsync(gateway)).Error;

        folder.Write(PolicyFolder.Starts(3));
        var edited = TimeProvider.System.GetTimestamp();
        Reply? passed = null;
        await Wait.UntilAsync(async () => !(passed = await SubmitAsync(gateway)).IsError, "the edit is in force");
        var took = TimeProvider.System.GetElapsedTime(edited);
        var again = (await SubmitAsync(gateway)).Error;

        Tell($"The edit was in force after {took.TotalMilliseconds:0} ms.");
        Assert.InRange(took, TimeSpan.Zero, Longest);
        Assert.Equal((2, 3), (full.GetProperty("limit").GetInt32(), again.GetProperty("limit").GetInt32()));
        Assert.NotEqual(full.GetProperty("policyHash").GetString(), again.GetProperty("policyHash").GetString());
        Assert.Equal([("claude_request_async", "starts", 3m)], gateway.Store.Counters());
        Assert.Equal(3, gateway.Store.Jobs().Count);
    }

    [Fact]
    public async Task A_bad_edit_changes_nothing_and_is_told_by_health_log_metric_and_doctor_until_it_is_mended()
    {
        using var collector = new OtlpCollector();
        var folder = new PolicyFolder(At("policies"), PolicyFolder.Starts(2));
        var gateway = await StartAsync(
            ("Policies:Folder", folder.Path), ("Telemetry:OtlpEndpoint", collector.Address), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:01"));
        Assert.False((await SubmitAsync(gateway)).IsError);
        var before = await HealthAsync(gateway);

        folder.Write(PolicyFolder.Starts(2).Replace("limits", "limts", StringComparison.Ordinal));
        await Wait.UntilAsync(async () => (await HealthAsync(gateway)).Policies != "ok", "the edit was read");
        var broken = await HealthAsync(gateway);
        var (code, doctor) = await DoctorAsync(gateway);
        var second = await SubmitAsync(gateway);
        var third = await SubmitAsync(gateway);
        await Wait.UntilAsync(() => collector.Metrics.Contains("gateway.policy.reloads", StringComparison.Ordinal) && collector.Metrics.Contains("refused", StringComparison.Ordinal), "the metric came");

        folder.Write(PolicyFolder.Starts(3));
        await Wait.UntilAsync(async () => (await HealthAsync(gateway)).Policies == "ok", "it is mended");
        var (_, doctorAfter) = await DoctorAsync(gateway);

        Assert.Equal((HttpStatusCode.OK, "ok"), before);
        Assert.Equal((HttpStatusCode.OK, "degraded"), broken);
        Assert.False(second.IsError);
        Assert.Equal("rate_limited", third.ErrorKind);
        Assert.Contains("Did you mean limits?", gateway.Log, StringComparison.Ordinal);
        Assert.Contains("have 1 faults and were refused; what was in force stays so", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.Contains("local.json:1:", doctor, StringComparison.Ordinal);
        Assert.DoesNotContain("policy fault", doctorAfter, StringComparison.Ordinal);
        Assert.False((await SubmitAsync(gateway)).IsError);
        Assert.Equal([("claude_request_async", "starts", 3m)], gateway.Store.Counters());
    }

    [Fact]
    public async Task A_gateway_does_not_start_with_faulty_files_and_names_every_fault()
    {
        var folder = new PolicyFolder(At("policies"), """{"version":"2","default":"maybe"}""");

        var (code, output) = await GatewayProcess.RunToEndAsync("--urls", "http://127.0.0.1:0", "--Data:Folder", At("data"), "--Policies:Folder", folder.Path);

        Assert.Equal(78, code);
        Assert.Contains("/version", output, StringComparison.Ordinal);
        Assert.Contains("/default", output, StringComparison.Ordinal);
    }

    private static Task<Reply> SubmitAsync(GatewayProcess gateway) => gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: answer x]]" });

    private static async Task<(HttpStatusCode Status, string Policies)> HealthAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(gateway.Url, "/health/ready"), Token);
        var checks = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)).GetProperty("checks");
        return (answer.StatusCode, checks.EnumerateArray().Single(check => check.GetProperty("name").GetString() == "policies").GetProperty("status").GetString()!);
    }

    private static Task<(int ExitCode, string Output)> DoctorAsync(GatewayProcess gateway) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["doctor", "--json", "--data-folder", gateway.Data]);
}
