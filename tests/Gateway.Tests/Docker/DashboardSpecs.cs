using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Docker;

/// <summary>The dashboard names only metrics that somebody exports.</summary>
public sealed partial class DashboardSpecs
{
    private static readonly string[] Language = ["sum", "by", "rate", "max", "min", "avg", "increase", "histogram_quantile", "clamp_min", "or", "and", "on", "without"];

    private static readonly string Approved = RepositoryFiles.Path("tests/Gateway.Tests/Architecture/telemetry.approved.txt");

    // As Prometheus names what comes over OTLP: dots become underscores, units and kinds become endings, and units in braces nothing.
    private static IEnumerable<string> Ours =>
        from line in File.ReadLines(Approved)
        let found = Instrument().Match(line)
        where found.Success
        let name = found.Groups["name"].Value.Replace('.', '_') + found.Groups["unit"].Value switch { "s" => "_seconds", ['{', ..] => "", var unit => "_" + unit }
        from ending in found.Groups["kind"].Value switch { "Counter" => (string[])["_total"], "Histogram" => ["_bucket", "_sum", "_count"], _ => [""] }
        select name + ending;

    private static IReadOnlyList<string> Queries => [.. DockerFiles.AllOf("*.json").Where(file => file.Contains("dashboards", StringComparison.Ordinal)).SelectMany(QueriesOf)];

    [Fact]
    public void Queries_name_only_metrics_that_are_known()
    {
        var known = File.ReadLines(RepositoryFiles.Path("tests/Gateway.Tests/Docker/rabbitmq-metrics.txt")).Where(line => !line.StartsWith('#')).Concat(Ours).ToHashSet();
        var named = Queries.SelectMany(MetricsIn).Distinct().ToList();

        Assert.True(named.Count > 20, $"Only {named.Count} metrics were found.");
        Assert.Empty(named.Except(known));
    }

    [Fact]
    public void What_operators_ask_first_is_on_the_dashboard() => Assert.Empty(((string[])
        [
            "gateway_jobs_queued", "gateway_jobs_running", "gateway_worker_slots", "gateway_worker_running", "gateway_job_wait_seconds_bucket", "gateway_run_duration_seconds_bucket",
            "gateway_outbox_depth", "gateway_outbox_dead", "gateway_attempts_lost_total", "gateway_cost_USD_total",
        ]).Except(Queries.SelectMany(MetricsIn)));

    [Fact]
    public void Labels_of_our_figures_are_tags_that_we_set()
    {
        var tags = File.ReadLines(Approved).Where(line => line.Contains("Tag = ", StringComparison.Ordinal)).Select(line => line.Split(" = ")[1].Replace('.', '_')).ToHashSet();
        var used = Queries.Where(query => query.Contains("(gateway_", StringComparison.Ordinal)).SelectMany(query => Label().Matches(query)).Select(match => match.Groups["label"].Value).Distinct().ToList();

        Assert.NotEmpty(used);
        Assert.Empty(used.Except(tags).Except(["le"]));
    }

    [Fact]
    public void Prometheus_takes_what_our_programs_are_told_to_send()
    {
        var compose = new ComposeFile();
        var text = File.ReadAllText(DockerFiles.Path("compose.yaml"));
        Assert.Contains("--web.enable-otlp-receiver", compose.Services["prometheus"].Words);
        Assert.Contains("GATEWAY_METRICS=http://prometheus:9090/api/v1/otlp", text, StringComparison.Ordinal);
        Assert.All(compose.Services.Values.Where(service => service.Dockerfile is not null), service =>
            Assert.Equal(("", "HttpProtobuf", "false"), (service.Environment["Telemetry__OtlpEndpoint"], service.Environment["Telemetry__OtlpProtocol"], service.Environment["Telemetry__Traces"])));
    }

    [Fact]
    public void Panels_ask_the_data_source_that_is_provisioned()
    {
        var sources = ComposeFile.Map(ComposeFile.ReadYaml(DockerFiles.Path("grafana/provisioning/datasources/prometheus.yaml")));
        var known = ((List<object>)sources["datasources"]!).Select(source => (string)ComposeFile.Map(source)["uid"]!).ToList();
        var asked = SourceId().Matches(File.ReadAllText(DockerFiles.Path("grafana/dashboards/gateway.json"))).Select(match => match.Groups["uid"].Value).Distinct().ToList();
        Assert.Equal(["prometheus"], asked);
        Assert.Equal(known, asked);
    }

    [Fact]
    public void Debian_s_promtool_takes_the_scrape_and_every_query()
    {
        Assert.SkipUnless(Tool.IsThere("promtool"), "promtool is not installed");
        using var folder = new TestFolder();
        // A rule is the one place where promtool reads a query.
        File.WriteAllText(folder.File("rules.yaml"), "groups:\n- name: dashboard\n  rules:\n" + string.Concat(Queries.Select((query, i) => $"  - record: query{i}\n    expr: '{query}'\n")));
        var (config, told) = Tool.Run("promtool", "check", "config", DockerFiles.Path("prometheus/prometheus.yaml"));
        var (rules, wrong) = Tool.Run("promtool", "check", "rules", folder.File("rules.yaml"));
        Assert.True(config == 0, told);
        Assert.True(rules == 0, wrong);
    }

    private static IEnumerable<string> QueriesOf(string file)
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!,
        ];
    }

    // What is left of a query without label matchers, label lists, durations and the words of the language.
    private static IEnumerable<string> MetricsIn(string query) =>
        Word().Matches(NotMetrics().Replace(query, " ")).Select(match => match.Value).Except(Language);

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|without|on)\s*\([^)]*\)")]
    private static partial Regex NotMetrics();

    [GeneratedRegex(@"^  Gateway\.\w+ (?<name>[\w.]+) : (?<kind>\w+) \[(?<unit>[^\]]+)\]")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\bby \((?<label>\w+)\)")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"""uid"": ""(?<uid>(?!gateway)\w+)""")]
    private static partial Regex SourceId();
}
