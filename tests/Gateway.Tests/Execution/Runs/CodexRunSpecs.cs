using System.Text;
using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>Runs of Codex on the real runner, with the fake agent in the CLI's place.</summary>
public sealed class CodexRunSpecs
{
    private readonly FakeControlPlane _plane = new();

    [Fact]
    public async Task An_answer_comes_with_its_usage_and_leaves_its_conversation()
    {
        var (key, outcome) = await RunAsync("[[fake: say before; tool id; tokens 700 30; answer after]]");
        var result = Assert.IsType<RunCompleted>(outcome).Result;
        Assert.Equal("after", Text(key, OutputStream.Answer));
        Assert.Equal(new RunUsage { InputTokens = 700, OutputTokens = 30, CacheReadTokens = 0, CacheCreationTokens = 0 }, result.Usage);
        Assert.Contains(result.SessionId?.ToString("d") ?? "none", Text(key, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cli_is_started_with_these_words_and_these_variables_alone()
    {
        var (_, outcome, answer) = await DumpAsync("""{"model":"gpt-6","sandboxMode":"workspace-write","outputSchema":"{\"type\":\"object\"}"}""");
        Assert.IsType<RunCompleted>(outcome);
        using var seen = JsonDocument.Parse(answer);
        var words = seen.RootElement.GetProperty("argv").EnumerateArray().Select(word => word.GetString()!).ToList();
        var environment = seen.RootElement.GetProperty("env");
        Assert.Equal(
            ["exec", "--json", "--skip-git-repo-check", "--model", "gpt-6", "--sandbox", "workspace-write", "--output-schema", environment.GetProperty("TMPDIR").GetString() + "/output-schema.json", "--", "-"],
            words.Where((word, i) => word != "-c" && (i == 0 || words[i - 1] != "-c")));
        Assert.Contains($"shell_environment_policy.set.GATEWAY_RUN=\"{environment.GetProperty("GATEWAY_RUN").GetString()}\"", words);
        Assert.Equal(
            "CODEX_API_KEY CODEX_HOME GATEWAY_RUN HOME LANG PATH PWD TMPDIR TRACEPARENT",
            string.Join(' ', environment.EnumerateObject().Select(variable => variable.Name).Append("TRACEPARENT").Distinct().Order(StringComparer.Ordinal)));
        Assert.Equal(environment.GetProperty("HOME").GetString() + "/.codex", environment.GetProperty("CODEX_HOME").GetString());
        Assert.DoesNotContain(words, word => word.Contains(environment.GetProperty("CODEX_API_KEY").GetString()!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[[fake: api-error 400]]", FailureKinds.ApiError, 400, 1, false, false)]
    [InlineData("[[fake: api-error 401]]", FailureKinds.AuthError, 401, 1, false, false)]
    [InlineData("[[fake: api-error 403]]", FailureKinds.AuthError, 403, 1, false, false)]
    [InlineData("[[fake: api-error 404]]", FailureKinds.ApiError, 404, 1, false, false)]
    [InlineData("[[fake: api-error 400-too-long]]", FailureKinds.ApiError, null, 1, false, false)]
    [InlineData("[[fake: api-error 429]]", FailureKinds.UsageLimit, 429, 1, true, false)]
    [InlineData("[[fake: api-error usage-limit]]", FailureKinds.UsageLimit, null, 1, true, false)]
    [InlineData("[[fake: retry 3; api-error 500]]", FailureKinds.ApiError, null, 1, true, true)]
    [InlineData("[[fake: api-error drop]]", FailureKinds.ApiError, null, 1, true, true)]
    [InlineData("[[fake: fail words of nobody]]", FailureKinds.CliError, null, 1, false, false)]
    [InlineData("[[fake: answer fine; code 4]]", FailureKinds.CliError, null, 4, false, false)]
    [InlineData("[[fake: no-result]]", FailureKinds.InvalidOutput, null, 0, true, false)]
    [InlineData("[[fake: cut-result]]", FailureKinds.InvalidOutput, null, 0, true, false)]
    [InlineData("[[fake: exit 3]]", FailureKinds.CliError, null, 3, false, false)]
    [InlineData("[[fake: die KILL]]", FailureKinds.CliError, null, 137, false, false)]
    public async Task A_run_that_fails_is_named_in_our_own_words(string prompt, string kind, int? status, int exitCode, bool retryable, bool again)
    {
        var (_, outcome) = await RunAsync(prompt);
        var failed = Assert.IsType<RunFailed>(outcome);
        Assert.Equal((kind, status, retryable, again), (failed.Failure.Kind, failed.Failure.ApiStatus, failed.Failure.Retryable, failed.Failure.Again));
        Assert.Equal(exitCode, failed.Result.ExitCode);
        Assert.InRange(failed.Failure.Message.Length, 20, 500);
        Assert.DoesNotContain("sk-test", failed.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(kind == FailureKinds.AuthError, failed.Failure.Message.Contains("'main'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"answer":"42"}""", null)]
    [InlineData("""{"answer":42}""", FailureKinds.InvalidOutput)]
    [InlineData("the answer is 42", FailureKinds.InvalidOutput)]
    public async Task An_answer_is_checked_against_the_schema_of_its_caller(string answer, string? kind)
    {
        var schema = """{"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"]}""";
        var (_, outcome) = await RunAsync($"[[fake: structured {answer}]]", JsonSerializer.Serialize(new { outputSchema = schema }));
        Assert.Equal(kind, (outcome as RunFailed)?.Failure.Kind);
        Assert.Equal(kind is null ? answer : null, ((outcome as RunCompleted)?.Result ?? ((RunFailed)outcome).Result).StructuredOutputJson);
    }

    [Fact]
    public async Task A_second_attempt_goes_on_in_the_thread_of_the_first_and_tells_its_own_tokens()
    {
        _plane.JobEnded = false;
        await using var host = await StartAsync("[[fake: @1 tokens 700 30; @1 code 3; @resume tokens 5 2; @resume answer whole]]");
        var first = await host.SubmitAsync(provider: "codex");
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(first));
        _plane.JobEnded = true;
        var second = await host.SubmitAsync(attempt: 2, job: first.JobId, provider: "codex");
        var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.Equal("whole", Text(second, OutputStream.Answer));
        Assert.Equal(failed.Result.SessionId, completed.Result.SessionId);
        Assert.Equal((5L, 2L), (completed.Result.Usage?.InputTokens, completed.Result.Usage?.OutputTokens));
        Assert.Contains("was cut off", Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_that_this_worker_does_not_know_start_nothing()
    {
        var (key, outcome) = await RunAsync("hi", """{"tomorrow":true}""");
        Assert.Equal(FailureKinds.Rejected, Assert.IsType<RunFailed>(outcome).Failure.Kind);
        Assert.Empty(_plane.Stored(key, OutputStream.Stdout));
    }

    [Fact]
    public async Task A_worker_without_the_cli_says_so()
    {
        await using var host = await StartAsync("hi", settings: ("Codex:Program", "no-such-codex"));
        var key = await host.SubmitAsync(provider: "codex");
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(key));
        Assert.Equal((FailureKinds.CliMissing, 127), (failed.Failure.Kind, failed.Result.ExitCode));
        Assert.Contains("Codex:Program", failed.Failure.Message, StringComparison.Ordinal);
    }

    private async Task<(RunKey Key, object Outcome)> RunAsync(string prompt, string arguments = "{}")
    {
        await using var host = await StartAsync(prompt, arguments);
        var key = await host.SubmitAsync(provider: "codex");
        return (key, await _plane.OutcomeAsync(key));
    }

    private async Task<(RunKey Key, object Outcome, string Answer)> DumpAsync(string arguments)
    {
        // The schema asks for an object, and the dump is one.
        var (key, outcome) = await RunAsync("[[fake: dump]]", arguments);
        return (key, outcome, Text(key, OutputStream.Answer));
    }

    private async Task<WorkerHost> StartAsync(string prompt, string arguments = "{}", params (string Key, string Value)[] settings)
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
        return await WorkerHost.StartRealAsync(_plane, settings);
    }

    private string Text(RunKey key, OutputStream stream) => Encoding.UTF8.GetString(_plane.Stored(key, stream));
}
