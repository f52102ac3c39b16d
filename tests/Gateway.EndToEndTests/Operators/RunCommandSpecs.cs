using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary><c>gateway run</c> with each of the real CLIs.</summary>
public sealed class RunCommandSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    [Fact]
    public async Task A_prompt_goes_to_the_CLI_that_is_named_with_the_mode_in_its_own_words()
    {
        var gateway = await StartRealAsync();
        (string Cli, string[] More)[] cases = [("claude", ["--permission-mode", "acceptEdits"]), ("codex", ["--permission-mode", "workspace-write"]), ("gemini", ["--permission-mode", "auto_edit"])];

        var ends = await Task.WhenAll(cases.Select(one => GatewayProcess.RunToEndAsync(
            BuiltPrograms.Cli, ["run", "--cli", one.Cli, .. one.More, "--url", gateway.Url.ToString(), "--key-file", Path.Combine(gateway.Data, "api-key"), $"Hello, {one.Cli}."])));

        Assert.All(ends.Zip(cases), pair => Assert.True(pair.First.ExitCode == 0 && pair.First.Output.Contains($"You said: Hello, {pair.Second.Cli}.", StringComparison.Ordinal), pair.First.Output));
        Assert.Equal(["claude", "codex", "gemini"], (await gateway.Client.CallAsync("llm_job_list", new { })).Good.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("cli").GetString()).Order());
    }
}
