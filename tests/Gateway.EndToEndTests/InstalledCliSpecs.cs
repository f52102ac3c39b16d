using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>The real CLIs are asked for their version and their help, and name every flag that runs are started with.</summary>
public sealed class InstalledCliSpecs : GatewayHouse
{
    [Fact]
    public async Task The_versions_of_the_installed_clis_are_the_tested_ones_and_no_flag_is_missing()
    {
        var gateway = await StartWithAsync(
            BuiltPrograms.Claude,
            ("Worker:LooksAtClis", "true"), ("Worker:HeartbeatInterval", "00:00:01"), ("Codex:Program", BuiltPrograms.Codex), ("Gemini:Program", BuiltPrograms.Gemini));

        JsonElement versions = default;
        await Wait.UntilAsync(async () =>
        {
            versions = (await gateway.Client.CallAsync("cli_versions", new { })).Good.GetProperty("versions");
            return versions.EnumerateArray().All(one => one.GetProperty("installed").GetBoolean());
        }, "all three are told");

        Assert.All(versions.EnumerateArray(), one =>
        {
            Assert.Equal("none", one.GetProperty("drift").GetString());
            Assert.False(one.TryGetProperty("missingFlags", out _), one.GetRawText());
        });
        Assert.Equal(["configured", "missing", "missing"], versions.EnumerateArray().Select(one => one.GetProperty("loginStatus").GetString()));
    }
}
