using Gateway.Api.Startup;
using Gateway.Cli.Policies;
using Gateway.Policies;
using Gateway.Tests.Api;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Cli;

/// <summary><c>gateway policy check</c> on real files, with the tools that a gateway serves.</summary>
public sealed class PolicyCheckSpecs : IDisposable
{
    private const string Grants =
        """
        { "version": "1", "policies": { "seed": "seed.json", "auditor": "auditor.json" },
          "grants": [ { "label": "ci", "tenant": "acme", "policy": "seed", "match": { "api_key": "ci" } }, { "label": "eye", "tenant": "acme", "policy": "auditor", "match": { "api_key": "eye" } } ] }
        """;

    private static readonly ToolCatalog Tools = ApiTools.Catalog();

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_tools_are_those_that_a_gateway_serves()
    {
        await using var gateway = await EdgeHost.StartAsync();

        Assert.Equal(Described(gateway.Services.GetRequiredService<ToolCatalog>()), Described(Tools));
        Assert.Contains(Tools.All, tool => tool is { Name: "claude_request_async", IsStarter: true, IsReadOnly: false } && tool.Arguments.Contains("workingDir"));
    }

    [Theory]
    [InlineData("seed.json", "W03")]
    [InlineData("auditor.json")]
    [InlineData("team.json")]
    [InlineData("bypass-gate.json")]
    public void An_example_of_the_specification_is_fine_as_it_stands(string name, params string[] warnings)
    {
        var found = PolicyCheck.Of(Example(name), null, Tools);

        Assert.Empty(found.Faults);
        Assert.Equal(warnings, found.Warnings.Select(warning => warning.Code));
        Assert.Matches("^sha256:[0-9a-f]{16}$", found.Policy?.Hash);
        Assert.StartsWith("{\"all_tools\":", found.Policy?.NormalizedText, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_with_their_places()
    {
        var found = PolicyCheck.Of(Write("team.json", "{\n  \"version\": \"1\",\n  \"defualt\": \"deny\",\n  \"tools\": { \"*\": {} }\n}"), null, Tools);

        Assert.Null(found.Policy);
        Assert.Equal([("team.json", 1), ("team.json", 3), ("team.json", 4)], found.Faults.Select(fault => (fault.File, fault.Line)));
        Assert.Contains(found.Faults, fault => fault.Message.Contains("default", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fault_and_no_exception()
    {
        Assert.Contains("cannot be read", Assert.Single(PolicyCheck.Of(folder.File("gone.json"), null, Tools).Faults).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(PolicyCheck.Of(Example("auditor.json"), folder.File("grants.json"), Tools).Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grants_are_checked_with_the_policies_beside_them_and_the_edited_file_in_place_of_its_namesake()
    {
        var grants = Write("grants.json", Grants);
        Write("auditor.json", File.ReadAllText(Example("auditor.json")));
        Write("seed.json", "no policy yet");
        Write("note.json", "not named, not read");

        var found = PolicyCheck.Of(Example("seed.json"), grants, Tools);

        Assert.Empty(found.Faults);
        Assert.Equal(["W03"], found.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Faults_of_the_grants_and_of_the_other_policies_are_told_as_well()
    {
        var grants = Write("grants.json", Grants.Replace("\"policy\": \"auditor\"", "\"policy\": \"audtior\"", StringComparison.Ordinal));
        Write("auditor.json", "{}");

        var found = PolicyCheck.Of(Example("seed.json"), grants, Tools);

        Assert.Equal(["auditor.json", "grants.json"], found.Faults.Select(fault => fault.File).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_no_grant_leads_to_is_warned_of()
    {
        var grants = Write("grants.json", Grants);
        Write("auditor.json", File.ReadAllText(Example("auditor.json")));
        Write("seed.json", File.ReadAllText(Example("seed.json")));

        var found = PolicyCheck.Of(Example("bypass-gate.json"), grants, Tools);

        Assert.Empty(found.Faults);
        Assert.Contains(found.Warnings, warning => warning is { Code: "W09", File: "bypass-gate.json" });
    }

    private static IEnumerable<string> Described(ToolCatalog catalog) => catalog.All.Select(tool => $"{tool.Name} {tool.IsStarter} {tool.IsReadOnly} {string.Join(' ', tool.Arguments.Order(StringComparer.Ordinal))}");

    private static string Example(string name) => RepositoryFiles.Path($"tests/Gateway.Tests/Policies/Examples/{name}");

    private string Write(string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return folder.File(name);
    }
}
