using System.Net.Http.Headers;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>Twelve secrets are given to a gateway that logs all it can, and none comes out where others read.</summary>
public sealed class CanarySpecs : GatewayHouse
{
    private static readonly string[] Talkers =
    [
        "Gateway.Api", "Gateway.Jobs", "Gateway.Execution", "Gateway.Processes", "Gateway.Storage", "Gateway.Hosting", "Gateway.SagaPersistence", "Gateway.Policies", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Server", "Microsoft.AspNetCore.Authentication", "Microsoft.EntityFrameworkCore.Database", "Microsoft.EntityFrameworkCore.Update", "Microsoft.EntityFrameworkCore.ChangeTracking",
        "ModelContextProtocol.Server", "ModelContextProtocol.AspNetCore", "MassTransit.Messages", "MassTransit.ReceiveTransport", "System.Net.Http",
    ];

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Nothing_secret_is_in_a_log_a_metric_a_trace_health_doctor_or_the_settings_shown(string format)
    {
        using var collector = new OtlpCollector();
        var canaries = Names().ToDictionary(name => name, name => $"canary-{name}-{Guid.NewGuid():N}");
        var workspace = Directory.CreateDirectory(At(canaries["workspace"])).FullName;
        (string Name, string Value)[] settings =
        [
            ("Logging:Format", format), .. Talkers.Select(talker => ($"Logging:LogLevel:{talker}", "Trace")), ("Telemetry:OtlpEndpoint", collector.Address), ("Telemetry:OtlpProtocol", "HttpProtobuf"),
            ("Telemetry:MetricsInterval", "00:00:01"), ("Canary:Password", canaries["environment"]), ("Transport:RabbitMq:Password", canaries["broker"]),
            ("Storage:PostgreSql:ConnectionString", $"Host=db;Database=x;Password={canaries["database"]}"), ("Claude:BaseUrl", $"https://me:{canaries["url"]}@127.0.0.1:1/hook"), ("Workspaces:Roots:0", workspace),
        ];
        var gateway = await StartAsync(settings);

        await UseAsync(gateway, canaries, workspace);
        var asked = settings.SelectMany(setting => (string[])[$"--{setting.Name}", setting.Value]).ToArray();
        var health = await HealthAsync(gateway);
        var doctor = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["doctor", "--data-folder", gateway.Data, "--", .. asked]);
        var show = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["config", "show", "--json", "--data-folder", gateway.Data, "--", .. asked]);
        var validate = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["config", "validate", "--data-folder", gateway.Data, "--", .. asked]);
        await Wait.UntilAsync(() => collector.Metrics.Contains("gateway.jobs.ended", StringComparison.Ordinal) && collector.Traces.Contains("run start", StringComparison.Ordinal), "metrics and traces came");
        await gateway.StopAsync();

        // The settings of paths are an operator's own, and shown to operators.
        var shown = Except(canaries, "workspace");
        Assert.Contains("Transport:RabbitMq:Password", show.Output, StringComparison.Ordinal);
        AssertNone("config show", show.Output, shown);
        AssertNone("config validate", validate.Output, shown);
        AssertNone("doctor", doctor.Output, shown);
        AssertNone("health", health, canaries);
        AssertNone("metrics", collector.Metrics, canaries);
        AssertNone("traces", collector.Traces, canaries);
        AssertNone("log", gateway.Log, canaries);
        AssertNone("log of the runner", string.Join('\n', Wait.LinesOf(Path.Combine(gateway.Data, "worker", "runner", "runner.log"))), canaries);
        Assert.True(gateway.Log.Split('\n').Length > 200, "The log says too little to prove anything.");
    }

    private static string[] Names() => ["prompt", "argument", "output", "exception", "label", "workspace", "environment", "key", "token", "broker", "database", "url"];

    private async Task UseAsync(GatewayProcess gateway, Dictionary<string, string> canaries, string workspace)
    {
        var good = await gateway.Client.SubmitAsync($"{canaries["prompt"]} [[fake: stderr {canaries["exception"]}; answer {canaries["output"]}]]", ("workingDir", workspace));
        Assert.Equal("completed", (await gateway.Client.EndAsync(good.Id)).Status);
        await gateway.Client.ResultAsync(good.Id);
        var bad = await gateway.Client.SubmitAsync($"{canaries["prompt"]} [[fake: is-error {canaries["exception"]}]]", ("workingDir", workspace), ("labels", new[] { canaries["label"] }));
        await gateway.Client.EndAsync(bad.Id);
        await gateway.Client.CallAsync("claude_request_async", new { prompt = 1, model = canaries["argument"], unknown = canaries["argument"] });
        await gateway.Client.CallAsync("llm_job_status", new { jobId = canaries["argument"] });
        foreach (var presented in (string[])[canaries["key"], $"eyJhbGciOiJub25lIn0.{canaries["token"]}.x", "gwk_" + canaries["key"].Replace("canary-key", "", StringComparison.Ordinal).PadRight(43, 'x')[..43]])
        {
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", presented);
            using var response = await http.SendAsync(request, Token);
            Assert.Equal(401, (int)response.StatusCode);
        }
    }

    private static async Task<string> HealthAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(gateway.Url, "/health/ready"), Token);
    }

    private static Dictionary<string, string> Except(Dictionary<string, string> canaries, string name) => canaries.Where(pair => pair.Key != name).ToDictionary();

    private static void AssertNone(string where, string text, Dictionary<string, string> canaries)
    {
        // A part is as bad as the whole: the last twelve letters of each are its own.
        var found = canaries.Where(canary => text.Contains(canary.Value, StringComparison.Ordinal) || text.Contains(canary.Value[^12..], StringComparison.Ordinal)).Select(canary =>
            $"{canary.Key}: {text.Split('\n').First(line => line.Contains(canary.Value[^12..], StringComparison.Ordinal))}").ToList();
        Assert.True(found.Count == 0, $"{where} holds {string.Join("\n", found)}");
    }
}
