using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Docker;

/// <summary>The dashboard names only metrics that somebody exports.</summary>
public sealed partial class DashboardSpecs
{
    private static readonly string[] Language = ["sum", "by", "rate", "max", "min", "avg", "increase", "histogram_quantile", "clamp_min", "or", "and", "on", "without"];

    private static IReadOnlyList<string> Queries => [.. DockerFiles.AllOf("*.json").Where(file => file.Contains("dashboards", StringComparison.Ordinal)).SelectMany(QueriesOf)];

    [Fact]
    public void Queries_name_only_metrics_that_are_known()
    {
        var known = File.ReadLines(RepositoryFiles.Path("tests/Gateway.Tests/Docker/rabbitmq-metrics.txt")).Where(line => !line.StartsWith('#')).ToHashSet();
        var named = Queries.SelectMany(MetricsIn).Distinct().ToList();

        Assert.True(named.Count > 10, $"Only {named.Count} metrics were found.");
        Assert.Empty(named.Except(known));
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

    [GeneratedRegex(@"\b[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"""uid"": ""(?<uid>(?!gateway)\w+)""")]
    private static partial Regex SourceId();
}
