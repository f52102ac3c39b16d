using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Processes.Runner;
using Gateway.Processes.Spool;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>A run changes files only in a directory of which its job has the turn, whatever name it was asked for under.</summary>
public sealed class DirectoryTurnSpecs : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeControlPlane _plane = new();
    private readonly string _real;
    private readonly string _link;

    public DirectoryTurnSpecs()
    {
        _real = Directory.CreateDirectory(_folder.File("real")).FullName;
        _link = Directory.CreateSymbolicLink(_folder.File("link"), _real).FullName;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_directory_whose_turn_the_job_has_is_claimed_once()
    {
        _plane.Grant = _ => Grant(_real, Turn(_real));
        await using var host = await StartAsync();
        await StartsInAsync(host, _real);
        Assert.Null(Assert.Single(_plane.Claims).DirectoryTurn);
    }

    [Fact]
    public async Task A_run_that_needs_no_turn_or_whose_control_plane_knows_of_none_is_claimed_once()
    {
        _plane.Grant = _ => Grant(_link, null);
        await using var host = await StartAsync();
        await StartsInAsync(host, _real);
        Assert.Null(Assert.Single(_plane.Claims).DirectoryTurn);
    }

    [Fact]
    public async Task A_directory_under_another_name_is_claimed_by_what_it_is_and_the_run_starts_when_the_job_has_its_turn()
    {
        _plane.Grant = claim => Grant(_link, [.. Turn(_link), .. claim.DirectoryTurn is { } more ? [more] : (string[])[]]);
        await using var host = await StartAsync();
        var key = await StartsInAsync(host, _real);
        Assert.Equal([null, .. Turn(_real)], _plane.Claims.Select(claim => claim.DirectoryTurn));
        Assert.Single(_plane.Claims.Select(claim => claim with { DirectoryTurn = null }).Distinct());
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
    }

    [Fact]
    public async Task While_another_job_has_it_nothing_is_started_or_made_and_the_slot_is_free()
    {
        _plane.Denial = RunDenied.Waiting;
        _plane.Grant = claim => claim.DirectoryTurn is null ? Grant(_link, Turn(_link)) : null;
        await using var host = await StartAsync();
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => _plane.Claims.Count == 2 && host.Table.Find(key) is null, "it is let go");
        Assert.Equal(0, host.Table.Slots.Taken);
        Assert.Empty(host.Runner.Runs);
        Assert.Empty(_plane.Outcomes);
        Assert.False(Directory.Exists(Path.Combine(host.DataFolder, "homes", key.JobId.ToString("n"))));

        // Its next attempt is nothing special.
        _plane.Grant = _ => Grant(_link, [.. Turn(_link), .. Turn(_real)]);
        var next = await host.SubmitAsync(2, key.JobId);
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Any(run => run.Id == WorkerHost.Id(next)), "started");
    }

    [Fact]
    public async Task The_end_of_a_job_that_was_canceled_between_the_two_claims_is_reported_at_once()
    {
        _plane.Denial = RunDenied.Canceling;
        _plane.Grant = claim => claim.DirectoryTurn is null ? Grant(_link, Turn(_link)) : null;
        await using var host = await StartAsync();
        Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Empty(host.Runner.Runs);
    }

    [Fact]
    public async Task Nothing_is_started_in_a_directory_that_became_another_one_after_its_turn_was_given()
    {
        var other = Directory.CreateDirectory(_folder.File("other")).FullName;
        _plane.Grant = claim =>
        {
            if (claim.DirectoryTurn is null)
            {
                return Grant(_link, Turn(_link));
            }

            Directory.Delete(_link);
            Directory.CreateSymbolicLink(_link, other);
            return Grant(_link, [.. Turn(_link), claim.DirectoryTurn]);
        };
        await using var host = await StartAsync();
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Equal((FailureKinds.Internal, true, true), (failed.Failure.Kind, failed.Failure.Again, failed.Failure.Retryable));
        Assert.Contains("became another one", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(host.Runner.Runs);
    }

    [Fact]
    public async Task A_runner_that_goes_between_the_two_claims_takes_no_attempt_along()
    {
        using var asked = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        _plane.Grant = claim =>
        {
            if (claim.DirectoryTurn is null)
            {
                return Grant(_link, Turn(_link));
            }

            asked.Set();
            held.Wait(TimeSpan.FromSeconds(20));
            return Grant(_link, [.. Turn(_link), claim.DirectoryTurn]);
        };
        await using var host = await StartAsync(("Worker:AnswerTimeout", "00:00:20"));
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => asked.IsSet, "the second claim is out");
        host.Reattach();
        await WorkerHost.UntilAsync(() => _plane.Heartbeats.LastOrDefault()?.Epoch == 2, "another connection is there");
        Assert.All(_plane.Heartbeats, beat => Assert.DoesNotContain(key, beat.Runs));
        held.Set();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Any(run => run.Id == WorkerHost.Id(key)), "started by the next try");
        Assert.Empty(_plane.Outcomes);
    }

    [Fact]
    public async Task What_the_runner_has_already_is_taken_on_where_it_is()
    {
        WorkerHost? host = null;
        _plane.Grant = claim =>
        {
            // As if the process before had been killed between its start and the acknowledgement.
            _ = host!.Runner.StartAsync(new StartRun { Id = new RunId(claim.JobId, claim.Attempt), Program = "/bin/true", WorkingDirectory = _real, Deadline = TimeSpan.FromMinutes(1) }, CancellationToken.None);
            return Grant(_link, Turn(_link));
        };
        await using (host = await StartAsync())
        {
            var key = await host.SubmitAsync();
            await WorkerHost.UntilAsync(() => _plane.Started.Any(started => started.JobId == key.JobId) || !_plane.Outcomes.IsEmpty, "taken on");
            Assert.Empty(_plane.Outcomes);
            Assert.Null(Assert.Single(_plane.Claims).DirectoryTurn);
        }
    }

    [Fact]
    public async Task A_second_claim_that_is_answered_by_an_older_control_plane_is_made_again()
    {
        var answers = 0;
        _plane.Grant = claim => claim.DirectoryTurn is null ? Grant(_link, Turn(_link)) : ++answers == 1 ? Grant(_link, null) : Grant(_link, [.. Turn(_link), claim.DirectoryTurn]);
        await using var host = await StartAsync();
        await StartsInAsync(host, _real);
        Assert.Equal(2, answers);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_refused_by_the_start_with_its_own_words()
    {
        _plane.Grant = _ => Grant(_folder.File("missing"), Turn(_link));
        await using var host = await StartAsync();
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Equal(FailureKinds.Rejected, failed.Failure.Kind);
        Assert.Single(_plane.Claims);
    }

    private static string[] Turn(string directory) => [DirectoryTurnKey.Of("default", directory)];

    private Task<WorkerHost> StartAsync(params (string Key, string Value)[] settings) => WorkerHost.StartAsync(_plane, [("Workspaces:Roots:0", _folder.Path), .. settings]);

    private static async Task<RunKey> StartsInAsync(WorkerHost host, string directory)
    {
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Any(run => run.Id == WorkerHost.Id(key)), "started");
        Assert.Equal(directory, host.Runner.Run(WorkerHost.Id(key)).Start.WorkingDirectory);
        return key;
    }

    private static RunGrant Grant(string directory, IReadOnlyList<string>? turns) => new()
    {
        Prompt = "do it",
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        Writes = true,
        WorkingDirectory = directory,
        DirectoryTurns = turns,
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };
}
