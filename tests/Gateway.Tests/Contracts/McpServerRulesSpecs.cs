using Gateway.Contracts.McpServers;
using Xunit;

namespace Gateway.Tests.Contracts;

public sealed class McpServerRulesSpecs
{
    [Fact]
    public void What_is_right_has_no_faults()
    {
        var servers = new Dictionary<string, McpServerEntry>
        {
            ["notes_1-a"] = new() { Command = "/usr/bin/node", Args = ["/srv/notes.mjs", "--cost=5$"], Environment = { ["LEVEL"] = "info" }, EnvironmentFiles = { ["TOKEN"] = "/etc/token" }, Paths = ["/srv"], Providers = ["claude"], Tenants = ["a"] },
            ["docs"] = new() { Url = "https://docs.example.com/mcp", Headers = { ["X-Team"] = "a" }, HeaderFiles = { ["Authorization"] = "/etc/docs" }, ReadOnly = true },
        };
        Assert.Empty(McpServerRules.FaultsOf(servers));
        Assert.Empty(McpServerRules.DefinitionFaultsOf(servers));
    }

    [Fact]
    public void Every_fault_of_a_name_and_of_whom_it_is_open_to_is_told_at_once()
    {
        var faults = McpServerRules.FaultsOf(new Dictionary<string, McpServerEntry>
        {
            ["dot.ted"] = new(),
            ["-x"] = new(),
            [new string('n', 65)] = new(),
            ["a"] = new() { Providers = ["cloud"], Tenants = [" "] },
        });

        Assert.Equal(5, faults.Count);
        Assert.All(["McpServers:dot.ted:", "McpServers:-x:", "McpServers:nnn", "McpServers:a:Providers", "McpServers:a:Tenants"], part => Assert.Contains(faults, fault => fault.StartsWith(part, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_fault_of_a_definition_is_told_at_once_and_no_value_is_repeated()
    {
        var faults = McpServerRules.DefinitionFaultsOf(new Dictionary<string, McpServerEntry>
        {
            ["none"] = new(),
            ["both"] = new() { Command = "/bin/x", Url = "http://x" },
            ["rel"] = new() { Command = "node", Headers = { ["X"] = "y" }, Paths = ["srv"] },
            ["text"] = new() { Command = "/bin/x", Args = ["a\nb"], Environment = { ["A"] = "hush${HOME}", ["1B"] = "x", ["C"] = "y" }, EnvironmentFiles = { ["C"] = "/c", ["D"] = "d" } },
            ["ftp"] = new() { Url = "ftp://x", Args = ["x"] },
            ["user"] = new() { Url = "http://me:hush@x/", Headers = { ["A B"] = "x", ["Good"] = "hush$KEY" }, HeaderFiles = { ["Good"] = "/g" } },
        });

        Assert.All(
            [
                "McpServers:none needs Command", "McpServers:both needs Command", "McpServers:rel:Command", "McpServers:rel:Headers", "McpServers:rel:Paths", "McpServers:text:Args:0", "McpServers:text:Environment:A",
                "McpServers:text:Environment:1B", "McpServers:text:EnvironmentFiles:D must", "McpServers:text:EnvironmentFiles:C: Environment", "McpServers:ftp:Url", "McpServers:ftp: Args", "McpServers:user:Url",
                "McpServers:user:Headers:A B", "McpServers:user:Headers:Good", "McpServers:user:HeaderFiles:Good",
            ],
            part => Assert.Single(faults, fault => fault.StartsWith(part, StringComparison.Ordinal)));
        Assert.Equal(16, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.Contains("hush", StringComparison.Ordinal));
    }
}
