using Gateway.Contracts.Workspaces;
using Xunit;

namespace Gateway.Tests.Contracts;

public sealed class WorkspaceRulesSpecs
{
    [Fact]
    public void Every_fault_is_told_at_once_by_the_name_of_its_setting()
    {
        var faults = WorkspaceRules.FaultsOf(new Dictionary<string, WorkspaceAlias>
        {
            ["1st"] = new() { Path = "/a" },
            ["dot."] = new() { Path = "/b" },
            ["here"] = new() { Path = "relative" },
            ["cli"] = new() { Path = "/c", Providers = ["cloud"], Tenants = [" "] },
            ["pool"] = new() { Path = "/d", Pool = "Big Pool" },
        });

        Assert.Equal(6, faults.Count);
        Assert.All(
            [":1st:", ":dot.:", ":here:Path", ":cli:Providers", ":cli:Tenants", ":pool:Pool"],
            part => Assert.Contains(faults, fault => fault.StartsWith("Workspaces:Aliases" + part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "", "", "", true)]
    [InlineData("x", "", "y", "", false)]
    [InlineData("x", "", "", "", true)]
    [InlineData("", "claude", "", "codex", false)]
    [InlineData("x", "claude", "x", "claude", true)]
    public void A_tenant_and_a_CLI_have_one_default_at_most(string tenant, string provider, string otherTenant, string otherProvider, bool clash)
    {
        var faults = WorkspaceRules.FaultsOf(new Dictionary<string, WorkspaceAlias>
        {
            ["a"] = new() { Path = "/a", Default = true, Tenants = List(tenant), Providers = List(provider) },
            ["b"] = new() { Path = "/b", Default = true, Tenants = List(otherTenant), Providers = List(otherProvider) },
        });

        Assert.Equal(clash ? 1 : 0, faults.Count);
    }

    [Theory]
    [InlineData("/srv/a", "/srv/a/b", "x", "y", true)]
    [InlineData("/srv/a", "/srv/a", "x", "", true)]
    [InlineData("/srv/a/", "/srv//a/b", "", "x", true)]
    [InlineData("/srv/a", "/srv/a/b", "x", "x", false)]
    [InlineData("/srv/a", "/srv/ab", "x", "y", false)]
    public void A_workspace_inside_another_one_is_open_to_the_same_tenants(string path, string otherPath, string tenant, string otherTenant, bool wrong)
    {
        var faults = WorkspaceRules.FaultsOf(new Dictionary<string, WorkspaceAlias>
        {
            ["a"] = new() { Path = path, Tenants = List(tenant) },
            ["b"] = new() { Path = otherPath, Tenants = List(otherTenant) },
        });

        Assert.Equal(wrong ? 1 : 0, faults.Count);
    }

    private static IList<string> List(string word) => word.Length == 0 ? [] : [word];
}
