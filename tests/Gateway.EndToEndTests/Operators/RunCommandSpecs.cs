using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary><c>gateway run</c> with each of the real CLIs.</summary>
public sealed class RunCommandSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    // A gateway that is new on a busy machine may ask for another try.
    private const int NothingAccepted = 2;

    [Fact]
    public async Task A_prompt_goes_to_the_CLI_that_is_named_with_the_mode_in_its_own_words()
    {
        var gateway = await StartRealAsync();
        (string Cli, string[] More)[] cases = [("claude", ["--permission-mode", "acceptEdits"]), ("codex", ["--permission-mode", "workspace-write"]), ("gemini", ["--permission-mode", "auto_edit"])];

        foreach (var (cli, more) in cases)
        {
            var end = (ExitCode: 0, Output: "");
            await Wait.UntilAsync(
                async () => (end = await GatewayProcess.RunToEndAsync(
                    BuiltPrograms.Cli, ["run", "--cli", cli, .. more, "--url", gateway.Url.ToString(), "--key-file", Path.Combine(gateway.Data, "api-key"), $"Hello, {cli}."])).ExitCode != NothingAccepted,
                "the gateway accepts it");

            Assert.True(end.ExitCode == 0 && end.Output.Contains($"You said: Hello, {cli}.", StringComparison.Ordinal), end.Output);
        }

        Assert.Equal(["claude", "codex", "gemini"], (await gateway.Client.CallAsync("llm_job_list", new { })).Good.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("cli").GetString()).Order());
    }
}
