using System.Text;
using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>Runs of Gemini CLI on the real runner, with the fake agent in the CLI's place.</summary>
public sealed class GeminiRunSpecs
{
    private readonly FakeControlPlane _plane = new();

    [Fact]
    public async Task An_answer_comes_with_its_usage_and_leaves_its_conversation()
    {
        var (key, outcome) = await RunAsync("[[fake: say before; tool run_shell_command; tokens 700 30; answer after]]");
        var result = Assert.IsType<RunCompleted>(outcome).Result;
        Assert.Equal("after", Text(key, OutputStream.Answer));
        Assert.Equal(new RunUsage { InputTokens = 700, OutputTokens = 30, CacheReadTokens = 0, CacheCreationTokens = 0 }, result.Usage);
        Assert.Equal("gemini-fake", result.Model);
        Assert.Contains("\"type\":\"gemini\"", Text(key, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cli_is_started_with_these_words_and_these_variables_alone()
    {
        var (key, _) = await RunAsync("[[fake: dump]]", """{"model":"gemini-3.8-flash","approvalMode":"auto_edit","allowedTools":["read_file"]}""");
        using var seen = JsonDocument.Parse(Text(key, OutputStream.Answer));
        var session = seen.RootElement.GetProperty("argv").EnumerateArray().Last().GetString();
        Assert.True(Guid.TryParseExact(session, "d", out _));
        Assert.Equal(
            $"--output-format stream-json --skip-trust --model gemini-3.8-flash --approval-mode auto_edit --allowed-tools read_file --session-id {session}",
            string.Join(' ', seen.RootElement.GetProperty("argv").EnumerateArray().Select(word => word.GetString())));
        Assert.Equal(
            "GATEWAY_RUN GEMINI_API_KEY GEMINI_TELEMETRY_ENABLED HOME LANG PATH PWD TMPDIR TRACEPARENT",
            string.Join(' ', seen.RootElement.GetProperty("env").EnumerateObject().Select(variable => variable.Name).Append("TRACEPARENT").Distinct().Order(StringComparer.Ordinal)));
        Assert.Equal("sk-test", seen.RootElement.GetProperty("env").GetProperty("GEMINI_API_KEY").GetString());
    }

    [Theory]
    [InlineData("[[fake: api-error 400 Bad request]]", FailureKinds.ApiError, 400, 144, false, false)]
    [InlineData("[[fake: api-error 400 API key not valid. Please pass a valid API key.]]", FailureKinds.AuthError, 400, 144, false, false)]
    [InlineData("[[fake: api-error 401 no]]", FailureKinds.AuthError, 401, 145, false, false)]
    [InlineData("[[fake: api-error 403 no]]", FailureKinds.AuthError, 403, 147, false, false)]
    [InlineData("[[fake: api-error 404 no]]", FailureKinds.ApiError, 404, 1, false, false)]
    [InlineData("[[fake: api-error 429 Please retry in 34.5s.]]", FailureKinds.UsageLimit, 429, 173, true, false)]
    [InlineData("[[fake: api-error 500 no]]", FailureKinds.ApiError, 500, 244, true, true)]
    [InlineData("[[fake: api-error 503 no]]", FailureKinds.ApiError, 503, 247, true, true)]
    [InlineData("[[fake: fail FatalTurnLimitedError; code 53]]", FailureKinds.MaxTurns, null, 53, false, false)]
    [InlineData("[[fake: fail TypeError]]", FailureKinds.CliError, null, 1, false, false)]
    [InlineData("[[fake: invalid The model returned an empty response; answer x]]", FailureKinds.InvalidOutput, null, 0, true, false)]
    [InlineData("[[fake: no-result]]", FailureKinds.InvalidOutput, null, 0, true, false)]
    [InlineData("[[fake: stderr Error resuming session: gone; exit 42]]", FailureKinds.Rejected, null, 42, false, false)]
    [InlineData("[[fake: stderr no input; exit 42]]", FailureKinds.CliError, null, 42, false, false)]
    [InlineData("[[fake: exit 41]]", FailureKinds.AuthError, null, 41, false, false)]
    [InlineData("[[fake: stderr env: node: No such file or directory; exit 127]]", FailureKinds.CliMissing, null, 127, false, false)]
    [InlineData("[[fake: exit 3]]", FailureKinds.CliError, null, 3, false, false)]
    [InlineData("[[fake: die KILL]]", FailureKinds.CliError, null, 137, false, false)]
    [InlineData("[[fake: exit 152]]", FailureKinds.CliError, null, 152, false, false)]
    public async Task A_run_that_fails_is_named_in_our_own_words(string prompt, string kind, int? status, int exitCode, bool retryable, bool again)
    {
        var (_, outcome) = await RunAsync(prompt);
        var failed = Assert.IsType<RunFailed>(outcome);
        Assert.Equal((kind, status, retryable, again), (failed.Failure.Kind, failed.Failure.ApiStatus, failed.Failure.Retryable, failed.Failure.Again));
        Assert.Equal(exitCode, failed.Result.ExitCode);
        Assert.Equal(prompt.Contains("34.5", StringComparison.Ordinal) ? 35 : null, failed.Failure.RetryAfterSeconds);
        Assert.InRange(failed.Failure.Message.Length, 20, 500);
        Assert.DoesNotContain("Please pass", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(kind == FailureKinds.AuthError, failed.Failure.Message.Contains("'main'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_attempt_goes_on_in_the_conversation_of_the_first()
    {
        _plane.JobEnded = false;
        await using var host = await StartAsync("[[fake: @1 say half; @1 exit 3; @resume answer whole]]");
        var first = await host.SubmitAsync(provider: "gemini");
        Assert.IsType<RunFailed>(await _plane.OutcomeAsync(first));
        _plane.JobEnded = true;
        var second = await host.SubmitAsync(attempt: 2, job: first.JobId, provider: "gemini");
        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.Equal("whole", Text(second, OutputStream.Answer));
        Assert.Contains("was cut off", Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    private async Task<(RunKey Key, object Outcome)> RunAsync(string prompt, string? arguments = null)
    {
        await using var host = await StartAsync(prompt, arguments);
        var key = await host.SubmitAsync(provider: "gemini");
        return (key, await _plane.OutcomeAsync(key));
    }

    private async Task<WorkerHost> StartAsync(string prompt, string? arguments = null)
    {
        var session = Guid.NewGuid();
        _plane.Grant = _ => new RunGrant
        {
            Prompt = prompt,
            ArgumentsJson = arguments,
            SessionId = session,
            CredentialName = "main",
            Timeout = TimeSpan.FromMinutes(7),
            IdleTimeout = TimeSpan.FromMinutes(1),
        };
        return await WorkerHost.StartRealAsync(_plane);
    }

    private string Text(RunKey key, OutputStream stream) => Encoding.UTF8.GetString(_plane.Stored(key, stream));
}
