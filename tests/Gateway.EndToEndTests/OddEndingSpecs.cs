using System.Globalization;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>However an agent ends, its job ends with a failure that names how; never as completed without a valid result.</summary>
public sealed class OddEndingSpecs(SharedHouse house, UnwalledHouse unwalled) : GatewayHouse, IClassFixture<SharedHouse>, IClassFixture<UnwalledHouse>
{
    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway, unwalled.Gateway];

    private const int Unknown = -1;

    public static TheoryData<string, string, int> Endings => new()
    {
        { "[[fake: print some; stderr oops; exit 3]]", "cli_error", 3 },
        { "[[fake: no-result]]", "invalid_output", 0 },
        { "[[fake: cut-result]]", "invalid_output", 0 },
        { "[[fake: print-bytes 5000 invalid; no-result]]", "invalid_output", 0 },
        { "[[fake: die KILL]]", "cli_error", 137 },
        { "[[fake: die TERM]]", "cli_error", 143 },
        { "[[fake: die SEGV]]", "cli_error", Unknown },
        { "[[fake: is-error The model broke]]", "api_error", 0 },
        { "[[fake: code 4; answer text]]", "cli_error", 4 },
        { "[[fake: api-error 401]]", "auth_error", 1 },
        { "[[fake: api-error 403]]", "auth_error", 1 },
        { "[[fake: api-error 400-credit]]", "auth_error", 1 },
        { "[[fake: api-error 400-too-long]]", "api_error", 1 },
        { "[[fake: api-error 404]]", "api_error", 1 },
        { "[[fake: api-error 529]]", "api_error", 1 },
        { "[[fake: fail error_max_turns]]", "max_turns", 1 },
        { "[[fake: fail error_max_budget_usd]]", "budget_exceeded", 1 },
        { "[[fake: fail error_during_execution]]", "cli_error", 1 },
        // The last: nothing is started with its credential for a while.
        { "[[fake: api-error 429]]", "usage_limit", 1 },
    };

    [Fact]
    [Behaviour(34)]
    public async Task Every_odd_ending_has_its_name()
    {
        var gateway = await StartAsync();
        List<string> wrong = [];
        foreach (var (prompt, kind, code) in Endings.Select(row => row.Data))
        {
            var job = await gateway.Client.RunAsync(prompt, ("maxAttempts", 1), ("onUsageLimit", "fail"));
            if (job.Status != "failed" || job.FailureKind != kind || (code != Unknown && job.ExitCode != code))
            {
                wrong.Add($"{prompt}: {job.Status} {job.FailureKind} {job.ExitCode?.ToString(CultureInfo.InvariantCulture)} {job.FailureMessage}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.All(gateway.Store.Jobs(), j => Assert.Equal("Failed", j.State));
    }

    [Fact]
    [Behaviour(4)]
    public async Task Both_streams_of_a_failed_run_are_kept()
    {
        var gateway = house.Gateway;

        var job = await gateway.Client.RunAsync("[[fake: no-init; print partial; stderr oops; exit 3]]");

        Assert.Equal(("failed", "cli_error", 3), (job.Status, job.FailureKind, job.ExitCode));
        Assert.Equal(("partial\n", "oops\n"), await gateway.Client.RawAsync(job.Id));
        var result = await gateway.Client.ResultAsync(job.Id);
        Assert.Equal("failed", result.GetProperty("result").GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("Process")]
    [InlineData("None")]
    [Behaviour(36)]
    public async Task A_kill_from_outside_is_told_with_its_signal(string sandbox)
    {
        var gateway = sandbox == "None" ? unwalled.Gateway : house.Gateway;
        var job = await gateway.Client.SubmitAsync($"[[fake: log {At("log")}; hang]]");
        await Wait.LinesAsync(At("log"), 1);
        var agent = ProcessTable.Of(PublicId.Read(job.Id)).Single(p => p.Split(' ')[2] == BuiltPrograms.FakeAgent);

        await ProcessTable.KillAsync(int.Parse(agent.Split(' ')[0], CultureInfo.InvariantCulture));

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("failed", "cli_error"), (end.Status, end.FailureKind));
        Assert.Contains("SIGKILL", end.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    [Behaviour(35)]
    public async Task An_agent_that_closes_its_input_early_cannot_be_trusted()
    {
        var gateway = house.Gateway;

        var job = await gateway.Client.RunAsync("[[fake: close-stdin; answer fine]]" + new string('x', 500_000));

        Assert.Equal(("failed", "cli_error", 126), (job.Status, job.FailureKind, job.ExitCode));
    }

    [Fact]
    [Behaviour(5)]
    [Behaviour(6)]
    public async Task A_missing_program_and_one_that_cannot_be_executed_are_named()
    {
        await File.WriteAllTextAsync(At("plain"), "#!/bin/sh\n", Token);
        var missing = await StartWithAsync(At("nowhere"));
        var plain = await StartWithAsync(At("plain"));

        var first = await missing.Client.RunAsync("hi");
        var second = await plain.Client.RunAsync("hi");

        Assert.Equal(("failed", "cli_missing", 127), (first.Status, first.FailureKind, first.ExitCode));
        Assert.Equal(("failed", "cli_missing", 126), (second.Status, second.FailureKind, second.ExitCode));
        Assert.Contains("claude", first.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(At(""), first.FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Process", "grandchild")]
    [InlineData("Process", "double-fork")]
    [InlineData("Process", "hidden-child")]
    [InlineData("None", "grandchild")]
    [InlineData("None", "double-fork")]
    public async Task A_daemon_that_holds_the_output_keeps_no_run_open_and_does_not_live_on(string sandbox, string kind)
    {
        var gateway = sandbox == "None" ? unwalled.Gateway : house.Gateway;

        var job = await gateway.Client.RunAsync($"[[fake: {kind}; answer done]]");

        Assert.Equal(("completed", "done"), (job.Status, await gateway.Client.AnswerAsync(job.Id)));
        await Wait.UntilAsync(() => ProcessTable.Of(PublicId.Read(job.Id)).Count == 0, "nothing of it lives", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_last_of_several_results_counts_and_unknown_lines_do_no_harm()
    {
        var gateway = house.Gateway;

        var job = await gateway.Client.RunAsync("[[fake: unknown; print not json {; print-bytes 3000 nul; think hm; tool Bash ls; results 3; answer the last]]");

        Assert.Equal(("completed", "the last"), (job.Status, await gateway.Client.AnswerAsync(job.Id)));
    }

    [Fact]
    public async Task A_provider_failure_is_tried_again_and_the_second_attempt_goes_on()
    {
        var gateway = house.Gateway;

        var job = await gateway.Client.RunAsync($"[[fake: api-error 529; @resume answer better]]", ("maxAttempts", 2));

        Assert.True(job is { Status: "completed", Attempt: 2 }, job.ToString());
        Assert.Equal("better", await gateway.Client.AnswerAsync(job.Id));
    }
}
