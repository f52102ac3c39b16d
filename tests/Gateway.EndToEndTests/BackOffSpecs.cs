using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>A model provider that fails for a while: how often the real CLIs ask again, and what the gateway does then.</summary>
public sealed class BackOffSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    // What asks it is Gemini CLI's own question which model fits.
    private const string Router = "gemini-3.5-flash-lite";
    private static readonly string[] Clis = ["claude", "codex", "gemini"];

    [Fact]
    public async Task A_CLI_asks_as_often_as_its_settings_say_within_an_attempt()
    {
        var gateway = await StartRealAsync(("Claude:MaxRetries", "2"), ("Codex:RequestMaxRetries", "1"), ("Codex:StreamMaxRetries", "2"), ("Codex:StreamIdleTimeout", "00:00:01"), ("Gemini:MaxAttempts", "2"));

        // Codex repeats each request of each stream; one that stalls counts as broken off.
        (string Cli, string Scenario, int Asked)[] cases =
            [("claude", "500", 3), ("claude", "529", 3), ("codex", "500", 2 * 3), ("codex", "503", 2 * 3), ("codex", "hang-mid", 3), ("gemini", "500", 2), ("gemini", "503", 2)];

        var jobs = await Task.WhenAll(cases.Select(one => RunAsync(gateway, one.Cli, $"[[stub:{one.Scenario}]] {one.Cli}", ("maxAttempts", 1))));

        Assert.All(jobs, job => Assert.True((job.Status, job.FailureKind, job.Failure!.Value.GetProperty("retryable").GetBoolean()) == ("failed", "api_error", true), job.ToString()));
        var asked = await AskedAsync();
        Assert.Equal(cases.Select(one => $"{one.Cli} {one.Scenario}: {one.Asked}"), cases.Select(one => $"{one.Cli} {one.Scenario}: {asked.Count(prompt => prompt == $"[[stub:{one.Scenario}]] {one.Cli}")}"));
    }

    [Fact]
    public async Task What_fails_within_an_attempt_is_tried_in_another_one_later()
    {
        var gateway = await StartRealAsync();

        var jobs = await Task.WhenAll(Clis.Select(cli => RunAsync(gateway, cli, $"[[stub:500 1]] {cli}")));

        Assert.All(jobs, job => Assert.True(job is { Status: "completed", Attempt: 2 }, job.ToString()));
        Assert.All(jobs, job => Assert.InRange(job.Json.GetProperty("startedAt").GetDateTimeOffset() - job.Json.GetProperty("createdAt").GetDateTimeOffset(), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)));
    }

    private async Task<IReadOnlyList<string>> AskedAsync() => [.. (await Stub.RequestsAsync()).Where(request => request.Model != Router).Select(request => request.Prompt)];
}
