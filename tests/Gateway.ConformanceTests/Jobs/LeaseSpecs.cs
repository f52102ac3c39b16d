using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Leases;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class LeaseSpecsOnSqlite() : LeaseSpecs(Databases.Sqlite);

public sealed class LeaseSpecsOnPostgreSql() : LeaseSpecs(Databases.PostgreSql)
{
    [Fact]
    public async Task A_process_that_starts_beside_another_puts_off_no_loss_and_one_that_starts_after_a_pause_does()
    {
        using var store = Databases.PostgreSql.NewStore();
        Guid silent, heard;
        await using (var first = await new EmbeddedJobs(store, Clock).StartAsync())
        {
            (silent, heard) = (await RunningAsync(first), await RunningAsync(first));
            Clock.Advance(TimeSpan.FromMinutes(14));
            await SweepAsync(first);
            await BeatAsync(first, 1, false, new RunKey(heard, 1));
            await using var beside = await new EmbeddedJobs(store, Clock, worker: false).StartAsync();
            Clock.Advance(TimeSpan.FromMinutes(1));
            await SweepAsync(first);
            await EmbeddedJobs.EventuallyAsync(async () => (await first.JobAsync(silent)).CurrentState == "Queued", "the loss was put off");
        }

        Clock.Advance(TimeSpan.FromMinutes(15));
        await using var later = await new EmbeddedJobs(store, Clock, worker: false).StartAsync();
        await SweepAsync(later);
        Assert.True(await LeaseAsync(later, heard) is { Lost: false });
    }
}

public abstract class LeaseSpecs(Databases databases)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);
    private static readonly Guid Worker = Guid.NewGuid();

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_heartbeat_gives_what_the_worker_has_a_new_term_and_fences_what_it_does_not_hold()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var held = await RunningAsync(jobs);
        Clock.Advance(TimeSpan.FromMinutes(10));
        var unknown = new RunKey(Guid.NewGuid(), 1);
        var answer = await BeatAsync(jobs, 1, false, new RunKey(held, 1), new RunKey(held, 2), unknown);
        Assert.Equal([new RunKey(held, 1)], answer.Renewed);
        Assert.Equal([new RunKey(held, 2), unknown], answer.Fenced);
        Assert.Empty(answer.Cancel);
        Assert.Equal((Clock.GetUtcNow() + Lease).ToUnixTimeMilliseconds(), (await LeaseAsync(jobs, held))!.UntilMs);
        Assert.Equal(Lease, answer.Lease);
    }

    [Fact]
    public async Task A_heartbeat_of_another_worker_or_an_older_epoch_is_fenced()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var held = await RunningAsync(jobs);
        await BeatAsync(jobs, 2, false, new RunKey(held, 1));
        Assert.Equal([new RunKey(held, 1)], (await BeatAsync(jobs, 1, false, new RunKey(held, 1))).Fenced);
        Assert.Equal(2, (await LeaseAsync(jobs, held))!.Epoch);
        var foreign = await jobs.AskAsync<WorkerHeartbeat, HeartbeatAnswer>(EndpointNames.Heartbeat, Beat(Guid.NewGuid(), 9, false, [new RunKey(held, 1)]));
        Assert.Equal([new RunKey(held, 1)], foreign.Fenced);
    }

    [Fact]
    public async Task A_heartbeats_answer_repeats_an_open_cancel()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var held = await RunningAsync(jobs);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = held });
        var answer = await BeatAsync(jobs, 1, false, new RunKey(held, 1));
        Assert.Equal([new RunKey(held, 1)], answer.Cancel);
        Assert.Equal([new RunKey(held, 1)], answer.Renewed);
    }

    [Fact]
    public async Task A_settled_heartbeat_ends_what_an_earlier_epoch_left_and_the_worker_no_longer_has()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var adopted = await RunningAsync(jobs);
        var gone = await RunningAsync(jobs);
        var claimedNow = await RunningAsync(jobs, epoch: 2);
        await BeatAsync(jobs, 2, false, new RunKey(adopted, 1));
        Assert.Equal(0, await SweepAsync(jobs));
        await BeatAsync(jobs, 2, true, new RunKey(adopted, 1));
        Assert.Equal(1, await SweepAsync(jobs));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(gone)).CurrentState == "Queued", "the attempt was not lost");
        Assert.Equal("Running", (await jobs.JobAsync(adopted)).CurrentState);
        Assert.Equal("Running", (await jobs.JobAsync(claimedNow)).CurrentState);
    }

    [Fact]
    public async Task A_silent_worker_loses_its_attempt_and_the_next_one_is_released_at_once()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        await ExpireAsync(jobs);
        var next = await jobs.NextCommandAsync();
        Assert.Equal((id, 2), (next.JobId, next.Attempt));
        Assert.Equal("Queued", (await jobs.JobAsync(id)).CurrentState);
        Assert.Null(await LeaseAsync(jobs, id));
        Assert.True((await jobs.ClaimAsync(id, 2, Worker)).Granted!.Grant.Resume);
    }

    [Fact]
    public async Task An_attempt_after_one_that_never_had_a_process_begins_a_conversation_of_its_own()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        var failed = new RunFailed
        {
            JobId = id,
            Attempt = 1,
            WorkerId = Worker,
            Epoch = 1,
            Failure = new RunFailure { Kind = FailureKinds.Internal, Message = "The run could not be started.", Retryable = true, Again = true },
            Result = new RunResult { EndedAt = Clock.GetUtcNow(), Streams = [] },
        };
        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, failed));
        Assert.False((await jobs.ClaimAsync(id, 2, Worker)).Granted!.Grant.Resume);
    }

    [Fact]
    public async Task After_the_last_attempt_a_loss_ends_the_job_as_worker_lost()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request() with { MaxAttempts = 1 });
        await jobs.ClaimAsync(id, 1, Worker);
        await ExpireAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == "Failed", "the job did not end");
        Assert.Equal(FailureKinds.WorkerLost, (await jobs.JobAsync(id)).FailureKind);
    }

    [Fact]
    public async Task A_loss_while_a_cancel_is_open_ends_the_job_as_canceled()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        await ExpireAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == "Canceled", "the job did not end");
    }

    [Fact]
    public async Task An_ended_lease_is_never_renewed_neither_by_a_heartbeat_nor_by_a_claim()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        // Ended, and not yet swept.
        await jobs.ReadAsync(db => db.Leases.ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, Clock.GetUtcNow().ToUnixTimeMilliseconds())));
        Assert.Equal([new RunKey(id, 1)], (await BeatAsync(jobs, 1, false, new RunKey(id, 1))).Fenced);
        Assert.Equal("lost", (await jobs.ClaimAsync(id, 1, Worker, 2)).Denied);

        // A lost one is refused even when its time lies ahead.
        await jobs.ReadAsync(db => db.Leases.ExecuteUpdateAsync(set => set.SetProperty(l => l.Lost, true).SetProperty(l => l.UntilMs, long.MaxValue)));
        Assert.Equal([new RunKey(id, 1)], (await BeatAsync(jobs, 1, false, new RunKey(id, 1))).Fenced);
        Assert.Equal("lost", (await jobs.ClaimAsync(id, 1, Worker, 2)).Denied);
        Assert.True((await LeaseAsync(jobs, id))!.Lost);
    }

    [Fact]
    public async Task The_first_sweep_of_a_process_gives_every_lease_a_new_term_before_anything_is_judged()
    {
        using var folder = databases.NewStore();
        Guid id;
        await using (var killed = await new EmbeddedJobs(folder, Clock).StartAsync())
        {
            id = await RunningAsync(killed);
        }

        Clock.Advance(TimeSpan.FromHours(5));
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        Assert.Equal([new RunKey(id, 1)], (await BeatAsync(jobs, 2, false, new RunKey(id, 1))).Renewed);
        Assert.Equal(0, await SweepAsync(jobs));
        Assert.Equal("Running", (await jobs.JobAsync(id)).CurrentState);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_clock_that_jumps_costs_no_attempt(int minutes)
    {
        using var folder = databases.NewStore();
        var wall = new JumpingClock(Clock);
        await using var jobs = await new EmbeddedJobs(folder, wall).StartAsync();
        var id = await RunningAsync(jobs);
        wall.Jump(TimeSpan.FromMinutes(minutes));
        Assert.Equal(0, await SweepAsync(jobs));
        Assert.Equal((wall.GetUtcNow() + Lease).ToUnixTimeMilliseconds() - (minutes < 0 ? minutes * 60_000L : 0), (await LeaseAsync(jobs, id))!.UntilMs);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await SweepAsync(jobs));
        Assert.Equal("Running", (await jobs.JobAsync(id)).CurrentState);
    }

    [Fact]
    public async Task Two_sweepers_lose_an_attempt_once()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        var other = new LeaseSweeper(jobs.Get<ILeaseStore>(), jobs.Get<IStoreClock>(), jobs.Get<IOptions<LeaseOptions>>(), Clock, NullLogger<LeaseSweeper>.Instance);
        await other.SweepAsync(CancellationToken.None);
        Clock.Advance(Lease);
        var lost = await Task.WhenAll(Task.Run(() => SweepAsync(jobs)), Task.Run(() => other.SweepAsync(CancellationToken.None)));
        Assert.InRange(lost.Sum(), 0, 1);
        Assert.Equal((id, 2), await NextAsync(jobs));
        Assert.Equal(1, (await jobs.JobAsync(id)).CountedAttempts);
    }

    [Fact]
    public async Task A_loss_that_was_not_heard_is_reported_again()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var id = await RunningAsync(jobs);
        await jobs.ReadAsync(db => db.Leases.ExecuteUpdateAsync(set => set.SetProperty(l => l.Lost, true).SetProperty(l => l.UntilMs, Clock.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds())));
        Assert.Equal(0, await SweepAsync(jobs));
        Clock.Advance(TimeSpan.FromSeconds(31));
        await jobs.Get<LeaseSweeper>().SweepAsync(CancellationToken.None);
        Assert.Equal((id, 2), await NextAsync(jobs));
    }

    [Fact]
    public async Task Nothing_is_kept_for_jobs_that_are_final_or_unknown_and_for_all_others_it_is()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        var lost = await jobs.SubmitAsync(EmbeddedJobs.Request() with { MaxAttempts = 1 });
        await jobs.NextCommandAsync();
        await jobs.ClaimAsync(lost, 1, Worker);
        var canceledBetween = await RunningAsync(jobs);
        var queuedAgain = await RunningAsync(jobs);
        await ExpireAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(lost)).CurrentState == "Failed", "the job did not end");
        await NextAsync(jobs);
        await NextAsync(jobs);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = canceledBetween });
        var running = await RunningAsync(jobs);
        var canceling = await RunningAsync(jobs);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = canceling });
        var unknown = Guid.NewGuid();

        var answer = await jobs.AskAsync<FindEndedJobs, EndedJobs>(
            EndpointNames.Heartbeat, new FindEndedJobs { JobIds = [queuedAgain, lost, running, canceledBetween, canceling, unknown] });

        Assert.Equal(("Queued", "Canceled", "Canceling"), ((await jobs.JobAsync(queuedAgain)).CurrentState, (await jobs.JobAsync(canceledBetween)).CurrentState, (await jobs.JobAsync(canceling)).CurrentState));
        Assert.Equal([lost, canceledBetween, unknown], answer.JobIds);
    }

    [Fact]
    public async Task A_question_for_more_jobs_than_one_may_hold_is_answered_for_the_first_of_them()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, Clock).StartAsync();
        List<Guid> asked = [.. Enumerable.Range(0, FindEndedJobs.MostJobs + 1).Select(_ => Guid.NewGuid())];
        var answer = await jobs.AskAsync<FindEndedJobs, EndedJobs>(EndpointNames.Heartbeat, new FindEndedJobs { JobIds = asked });
        Assert.Equal(asked.Take(FindEndedJobs.MostJobs), answer.JobIds);
    }

    private static async Task<(Guid Id, int Attempt)> NextAsync(EmbeddedJobs jobs)
    {
        var command = await jobs.NextCommandAsync();
        return (command.JobId, command.Attempt);
    }

    private protected static async Task<Guid> RunningAsync(EmbeddedJobs jobs, long epoch = 1)
    {
        var id = await jobs.SubmitAsync();
        await jobs.NextCommandAsync();
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker, epoch)).Granted);
        return id;
    }

    private protected static Task<LeaseRow?> LeaseAsync(EmbeddedJobs jobs, Guid id) => jobs.ReadAsync(db => db.Leases.AsNoTracking().FirstOrDefaultAsync(l => l.JobId == id));

    private protected static Task<int> SweepAsync(EmbeddedJobs jobs) => jobs.Get<LeaseSweeper>().SweepAsync(CancellationToken.None);

    private protected Task<HeartbeatAnswer> BeatAsync(EmbeddedJobs jobs, long epoch, bool settled, params RunKey[] runs) =>
        jobs.AskAsync<WorkerHeartbeat, HeartbeatAnswer>(EndpointNames.Heartbeat, Beat(Worker, epoch, settled, runs));

    private WorkerHeartbeat Beat(Guid worker, long epoch, bool settled, RunKey[] runs) =>
        new() { WorkerId = worker, Epoch = epoch, WorkerName = "w1", SentAt = Clock.GetUtcNow(), Slots = 4, Runs = runs, Settled = settled };

    // The background sweeper of the host and this call may both look; whoever is first reports.
    private async Task ExpireAsync(EmbeddedJobs jobs)
    {
        Clock.Advance(Lease);
        await SweepAsync(jobs);
    }
}
