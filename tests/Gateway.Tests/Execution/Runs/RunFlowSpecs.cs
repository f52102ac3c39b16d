using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Processes.Launching;
using Gateway.Processes.Spool;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>Runs from their command to their outcome. Alone: one of them reads the heap of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class RunFlowSpecs
{
    private readonly FakeControlPlane _plane = new() { Grant = _ => Grant() };

    [Fact]
    public async Task A_run_goes_from_command_to_stored_outcome()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            run.Answer("done");
            run.Print("warn"u8, SpoolStream.Stderr);
            run.End();
        };
        var key = await host.SubmitAsync();
        var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
        Assert.Equal("done", Encoding.UTF8.GetString(_plane.Stored(key, OutputStream.Answer)));
        Assert.Equal("warn", Encoding.UTF8.GetString(_plane.Stored(key, OutputStream.Stderr)));
        Assert.Equal(("m", true, 0, host.Runner.WorkerId), (completed.Result.Model, completed.Result.HasAnswer, completed.Result.ExitCode, completed.WorkerId));
        Assert.Equal(["The agent is ready.", "The agent gave its final record."], _plane.Events.Select(told => told.Message));
        await WorkerHost.UntilAsync(() => host.Runner.Releases.Contains(WorkerHost.Id(key)), "released");
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
        await WorkerHost.UntilAsync(() => !Directory.Exists(Path.Combine(host.DataFolder, "homes", key.JobId.ToString("n"))), "home removed");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.DataFolder, "notes")));
        Assert.Single(_plane.Started);
    }

    [Fact]
    public async Task A_short_run_is_told_in_one_piece_of_each_stream()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            run.Answer("done");
            run.End();
        };
        var key = await host.SubmitAsync();
        await _plane.OutcomeAsync(key);
        Assert.Equal([OutputStream.Stdout, OutputStream.Answer], _plane.Pieces.Where(piece => piece.JobId == key.JobId).Select(piece => piece.Stream).Order());
        Assert.Single(_plane.Outcomes);
    }

    [Fact]
    public async Task A_question_that_is_lost_on_its_way_to_the_broker_is_asked_again()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            run.Answer("done");
            run.End();
        };
        var (claims, pieces, ends) = (host.LoseFirst<ClaimRun>(), host.LoseFirst<RunOutput>(), host.LoseFirst<RunCompleted>());

        var key = await host.SubmitAsync();

        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
        Assert.True(claims.Sends > 1 && pieces.Sends > 1 && ends.Sends > 1);
    }

    [Fact]
    public async Task What_the_runner_is_given_is_what_was_granted()
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:OutputCapBytes", "4096"));
        DirectoryIdentity? work = null;
        host.Runner.OnStart = run =>
        {
            using var held = HeldDirectory.Open(run.Start.WorkingDirectory);
            work = held?.Identity;
            run.End();
        };
        var key = await host.SubmitAsync();
        await _plane.OutcomeAsync(key);
        var start = host.Runner.Run(WorkerHost.Id(key)).Start;
        Assert.NotNull(work);
        Assert.Equal(work, start.WorkingDirectoryIdentity);
        Assert.Equal(("do it", 4096L, TimeSpan.FromMinutes(7)), (Encoding.UTF8.GetString(start.Stdin.Span), start.OutputCapBytes, start.Timeout));
        Assert.Equal("sk-test", Encoding.UTF8.GetString(start.Secret!.Value.Span));
        Assert.InRange(start.Deadline, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(165));
        Assert.DoesNotContain("sk-test", string.Join('\n', start.Arguments.Concat(start.Environment.Values)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denied_claim_starts_nothing_and_frees_the_slot()
    {
        _plane.Grant = _ => null;
        await using var host = await WorkerHost.StartAsync(_plane);
        await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => !_plane.Claims.IsEmpty && host.Table.Slots.Taken == 0, "slot free");
        Assert.Empty(host.Runner.Runs);
    }

    [Fact]
    public async Task A_command_sent_twice_is_started_once()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var starts = 0;
        host.Runner.OnStart = _ => Interlocked.Increment(ref starts);
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Count == 1, "started");
        await host.SubmitAsync(job: key.JobId);
        await host.SubmitAsync(job: key.JobId);
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
        Assert.Equal((1, 1), (starts, _plane.Claims.Count));
    }

    [Fact]
    public async Task Pieces_and_answers_that_are_lost_neither_lose_nor_double_a_byte()
    {
        var random = new Random(7);
        _plane.LosesPiece = _ => Chance(0.2);
        _plane.LosesAnswer = _ => Chance(0.2);
        await using var host = await WorkerHost.StartAsync(_plane);
        var bytes = Output(400_000);
        host.Runner.OnStart = run => run.Print(bytes);
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Count == 1, "started");
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
        Assert.Equal(bytes, _plane.Stored(key, OutputStream.Stdout));
        Assert.Equal(bytes.Count(one => one == '\n'), _plane.Events.Count);
        Assert.Equal(_plane.Events.Select(told => told.EndOffset).Order(), _plane.Events.Select(told => told.EndOffset).Distinct());

        bool Chance(double share)
        {
            lock (random)
            {
                return random.NextDouble() < share;
            }
        }
    }

    [Fact]
    public async Task A_control_plane_that_lost_a_part_gets_it_again()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var bytes = Output(100_000);
        host.Runner.OnStart = run => run.Print(bytes);
        _plane.RefusesOutcomes = true;
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => _plane.Lengths.GetValueOrDefault((key, OutputStream.Stdout)) == bytes.Length, "stored");
        host.Runner.Run(WorkerHost.Id(key)).End();
        await WorkerHost.UntilAsync(() => !_plane.Outcomes.IsEmpty, "outcome sent");
        _plane.Forget(key, OutputStream.Stdout, 10_000);
        _plane.RefusesOutcomes = false;
        await _plane.OutcomeAsync(key);
        Assert.Equal(bytes, _plane.Stored(key, OutputStream.Stdout));
    }

    [Fact]
    public async Task A_control_plane_that_lost_a_part_of_a_run_that_goes_on_gets_it_again()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var bytes = Output(100_000);
        host.Runner.OnStart = run => run.Print(bytes);
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => _plane.Lengths.GetValueOrDefault((key, OutputStream.Stdout)) == bytes.Length, "stored");
        _plane.Forget(key, OutputStream.Stdout, 10_000);
        host.Runner.Run(WorkerHost.Id(key)).Print("more\n"u8);
        await WorkerHost.UntilAsync(() => _plane.Lengths.GetValueOrDefault((key, OutputStream.Stdout)) == bytes.Length + 5, "stored again");
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
        Assert.Equal([.. bytes, .. "more\n"u8], _plane.Stored(key, OutputStream.Stdout));
    }

    [Fact]
    public async Task An_outcome_is_sent_until_it_is_stored()
    {
        _plane.RefusesOutcomes = true;
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run => run.End();
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => _plane.Outcomes.Count >= 2, "sent again");
        Assert.Empty(host.Runner.Releases);
        _plane.RefusesOutcomes = false;
        await _plane.OutcomeAsync(key);
    }

    [Fact]
    public async Task Sixty_megabytes_pass_through_little_memory()
    {
        _plane.CountsOnly = true;
        await using var host = await WorkerHost.StartAsync(_plane);
        var piece = new byte[1024 * 1024];
        RandomNumberGenerator.Fill(piece);
        host.Runner.OnStart = run => Task.Run(() =>
        {
            for (var i = 0; i < 60; i++)
            {
                run.Print(piece);
            }

            run.End();
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var key = await host.SubmitAsync();
        var most = 0L;
        var outcome = _plane.OutcomeAsync(key);
        while (!outcome.IsCompleted)
        {
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            await Task.WhenAny(outcome, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None));
        }

        await outcome;
        Assert.Equal(60L * 1024 * 1024, _plane.Lengths[(key, OutputStream.Stdout)]);
        Assert.InRange(most, 0, 25 * 1024 * 1024);
    }

    [Fact]
    public async Task The_conversation_file_is_carried_along()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Count == 1, "started");
        var run = host.Runner.Run(WorkerHost.Id(key));
        var session = run.Start.Arguments[^1];
        var folder = Directory.CreateDirectory(Path.Combine(run.Start.Environment["CLAUDE_CONFIG_DIR"], "projects", "-x")).FullName;
        var bytes = Output(70_000);
        File.WriteAllBytes(Path.Combine(folder, session + ".jsonl"), bytes);
        run.End();
        await _plane.OutcomeAsync(key);
        Assert.Equal(bytes, _plane.Stored(key, OutputStream.Transcript));
    }

    [Fact]
    public async Task A_missing_credential_fails_before_anything_is_started()
    {
        _plane.Grant = _ => Grant() with { CredentialName = "other" };
        await using var host = await WorkerHost.StartAsync(_plane);
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Equal(FailureKinds.AuthError, failed.Failure.Kind);
        Assert.Contains("'other'", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(host.Runner.Runs);
        Assert.Null(failed.Result.StartedAt);
    }

    [Fact]
    public async Task A_missing_cli_fails_with_127()
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Claude:Program", "no-such-cli"));
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Equal((FailureKinds.CliMissing, 127), (failed.Failure.Kind, failed.Result.ExitCode));
        Assert.Contains("'claude'", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_provider_is_rejected()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync(provider: "grok")));
        Assert.Equal(FailureKinds.Rejected, failed.Failure.Kind);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_second_attempt_without_conversation_begins_anew_only_if_it_cannot_have_written(bool writes, bool starts)
    {
        _plane.Grant = _ => Grant() with { Resume = true, Writes = writes };
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            Assert.Contains("--session-id", run.Start.Arguments);
            run.Answer("x");
            run.End();
        };
        var key = await host.SubmitAsync(attempt: 2);
        var outcome = await _plane.OutcomeAsync(key);
        Assert.Equal(starts, outcome is RunCompleted);
        Assert.True(starts || outcome is RunFailed { Failure: { Kind: FailureKinds.WorkerLost, Again: false } });
    }

    [Fact]
    public async Task A_second_attempt_goes_on_with_the_conversation_of_the_first()
    {
        var grant = Grant();
        _plane.Grant = claim => grant with { Resume = claim.Attempt == 2, Writes = true, SpentUsd = 1 };
        _plane.JobEnded = false;
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(run.Start.Environment["CLAUDE_CONFIG_DIR"], "projects", "-x")).FullName;
            File.WriteAllText(Path.Combine(folder, $"{grant.SessionId:d}.jsonl"), """{"type":"user"}""" + "\n");
            run.End(RunEndReason.Lost, null);
        };
        var key = await host.SubmitAsync();
        Assert.IsType<AttemptLost>(await _plane.OutcomeAsync(key));
        var second = await host.SubmitAsync(attempt: 2, job: key.JobId);
        await _plane.OutcomeAsync(second);
        var start = host.Runner.Run(WorkerHost.Id(second)).Start;
        Assert.Equal(["--resume", grant.SessionId.ToString("d")], start.Arguments.TakeLast(2));
        Assert.DoesNotContain("do it", Encoding.UTF8.GetString(start.Stdin.Span), StringComparison.Ordinal);
    }

    private static RunGrant Grant() => new()
    {
        Prompt = "do it",
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };

    private static byte[] Output(int least)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < least; i++)
        {
            text.Append("{\"n\":").Append(i).Append(",\"message\":{\"content\":[{\"type\":\"tool_use\"}]},\"type\":\"assistant\"}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
