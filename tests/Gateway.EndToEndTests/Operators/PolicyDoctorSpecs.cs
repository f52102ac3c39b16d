using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>What <c>gateway doctor</c> says of policy files.</summary>
public sealed class PolicyDoctorSpecs : GatewayHouse
{
    private static readonly string Seed = Path.Combine(BuiltPrograms.Root(), "tests", "Gateway.Tests", "Policies", "Examples", "seed.json");

    [Fact]
    public async Task Doctor_tells_the_policies_in_force_and_what_is_wrong_with_their_files_with_and_without_a_gateway()
    {
        var file = At("policies/local.json");
        Directory.CreateDirectory(At("policies"));
        File.Copy(Seed, file);
        var gateway = await StartAsync(("Policies:Folder", At("policies")), ("Policies:LookInterval", "00:00:00.2"));

        var fine = await DoctorAsync(gateway);
        await File.WriteAllTextAsync(file, "{ not json", Token);
        await Wait.UntilAsync(async () => (await DoctorAsync(gateway)).Has("policy fault 1"), "the edit was read");
        var broken = await DoctorAsync(gateway);
        await gateway.StopAsync();
        var stopped = await DoctorAsync(gateway);
        File.Copy(Seed, file, overwrite: true);
        var mended = await DoctorAsync(gateway);

        var hash = await HashOfSeedAsync();
        Assert.Contains($"In force: {hash}", fine.Text("policy local"), StringComparison.Ordinal);
        Assert.Contains("W03 local.json", fine.Text("policy warning 1"), StringComparison.Ordinal);
        Assert.False(fine.Has("policy fault 1"));
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains($"In force: {hash}", broken.Text("policy local"), StringComparison.Ordinal);
        Assert.Contains("local.json:1:", broken.Text("policy fault 1"), StringComparison.Ordinal);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("No gateway starts with it.", stopped.Text("policy fault 1"), StringComparison.Ordinal);
        Assert.False(stopped.Has("policy local"));
        Assert.Contains($"A start would load it: {hash}", mended.Text("policy local"), StringComparison.Ordinal);
    }

    private async Task<Doctor> DoctorAsync(GatewayProcess gateway)
    {
        var (code, output) = await AskAsync("doctor", "--json", "--data-folder", gateway.Data, "--", "--Policies:Folder", At("policies"));
        return new Doctor(code, JsonElement.Parse(output).GetProperty("findings").EnumerateArray().ToDictionary(f => f.GetProperty("what").GetString()!, f => f.GetProperty("text").GetString()!));
    }

    private static async Task<string> HashOfSeedAsync()
    {
        var (_, output) = await AskAsync("policy", "check", Seed, "--json");
        return JsonElement.Parse(output).GetProperty("policyHash").GetString()!;
    }

    private static Task<(int ExitCode, string Output)> AskAsync(params string[] arguments) => GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, arguments);

    private sealed record Doctor(int ExitCode, Dictionary<string, string> Findings)
    {
        public bool Has(string what) => Findings.ContainsKey(what);

        public string Text(string what) => Findings[what];
    }
}
