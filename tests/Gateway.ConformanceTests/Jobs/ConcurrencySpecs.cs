using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Output;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class ConcurrencySpecsOnSqlite() : ConcurrencySpecs(Databases.Sqlite);

public sealed class ConcurrencySpecsOnPostgreSql() : ConcurrencySpecs(Databases.PostgreSql);

/// <summary>What several processes do to the same rows at the same time.</summary>
public abstract class ConcurrencySpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();

    [Fact]
    public async Task Equal_submits_in_two_processes_make_one_job()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 5; round++)
        {
            var key = $"key-{round}";
            var ids = await both.AllAtOnceAsync(12, (jobs, _) => jobs.SubmitAsync(EmbeddedJobs.Request(key: key)));
            Assert.Single(ids.Distinct());
        }

        Assert.Equal((5, 5), await both.First.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.IdempotencyKeys.CountAsync())));
    }

    [Fact]
    public async Task One_key_with_different_arguments_in_two_processes_makes_one_job_and_conflicts()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var outcomes = await both.AllAtOnceAsync(8, (jobs, i) => jobs.TrySubmitAsync(EmbeddedJobs.Request($"prompt {i}", "k")));
        Assert.Single(outcomes.OfType<SubmitOutcome.Accepted>());
        Assert.Equal(7, outcomes.OfType<SubmitOutcome.KeyConflict>().Count());
        Assert.Equal(1, await both.First.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task The_ceiling_of_waiting_jobs_holds_when_many_submit_at_once()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store, ("Jobs:MaxQueued", "5"));
        var outcomes = await both.AllAtOnceAsync(24, (jobs, _) => jobs.TrySubmitAsync(EmbeddedJobs.Request()));
        Assert.Equal((5, 19), (outcomes.OfType<SubmitOutcome.Accepted>().Count(), outcomes.OfType<SubmitOutcome.QueueFull>().Count()));
        Assert.Equal(5, await both.First.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task Of_simultaneous_claims_in_two_processes_one_is_granted()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 8; round++)
        {
            var id = await both.First.SubmitAsync();
            var answers = await both.AllAtOnceAsync(6, async (jobs, _) =>
            {
                var worker = Guid.NewGuid();
                return (Worker: worker, Answer: await jobs.ClaimAsync(id, 1, worker));
            });
            var granted = Assert.Single(answers, a => a.Answer.Granted is not null);
            Assert.All(answers.Where(a => a.Answer.Granted is null), a => Assert.Equal("taken", a.Answer.Denied));
            var job = await both.First.JobAsync(id);
            Assert.Equal((granted.Worker, 1, 1), (job.WorkerId, job.Attempt, job.CountedAttempts));
            Assert.Equal(granted.Worker, await both.First.ReadAsync(db => db.Leases.Where(l => l.JobId == id).Select(l => l.WorkerId).SingleAsync()));
        }
    }

    [Fact]
    public async Task Pieces_that_come_twice_at_once_store_each_byte_and_event_once()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var id = await RunningAsync(both.First);
        var bytes = new byte[1_000];
        new Random(3).NextBytes(bytes);
        for (var from = 0; from < bytes.Length; from += 50)
        {
            // The same bytes in different cuts, as a sender gives them that was not answered in time.
            var starts = Enumerable.Range(0, 4).Select(i => Math.Max(0, from - (i * 10))).ToList();
            var to = from + 50;
            var receipts = await both.AllAtOnceAsync(4, (jobs, i) => jobs.AskAsync<RunOutput, RunReceipt>(
                EndpointNames.RunOutput, Piece(id, starts[i], bytes[starts[i]..to]) with { Events = [Event(to)] }));
            Assert.All(receipts, receipt => Assert.Equal((long)to, receipt.StoredBytes[OutputStream.Stdout]));
        }

        Assert.Equal(bytes, await both.Second.Get<IOutputStore>().ReadAsync(id, 1, OutputStream.Stdout, 0, 10_000, CancellationToken.None));
        var messages = await both.First.ReadAsync(db => db.Events.Where(e => e.JobId == id && e.Source == "provider").OrderBy(e => e.Seq).Select(e => e.Message).ToListAsync());
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"event {i * 50}"), messages);
    }

    [Fact]
    public async Task Events_of_output_and_of_the_lifecycle_at_once_are_numbered_without_gaps()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 8; round++)
        {
            var id = await RunningAsync(both.First);
            await Task.WhenAll(
                Task.Run(() => both.First.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, Piece(id, 0, [1, 2, 3]) with { Events = [Event(1), Event(2), Event(3)] })),
                Task.Run(() => both.Second.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id })));
            var numbers = await both.First.ReadAsync(db => db.Events.Where(e => e.JobId == id).OrderBy(e => e.Seq).Select(e => e.Seq).ToListAsync());
            Assert.Equal(Enumerable.Range(1, 6).Select(n => (long)n), numbers);
            Assert.Equal(6, await both.First.ReadAsync(db => db.Progress.Where(p => p.JobId == id).Select(p => p.HighWaterSeq).SingleAsync()));
        }
    }

    [Fact]
    public async Task A_lease_is_either_renewed_or_lost_and_never_both()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 6; round++)
        {
            var ids = new List<Guid>();
            for (var i = 0; i < 8; i++)
            {
                ids.Add(await RunningAsync(both.First));
            }

            // A heartbeat that came a millisecond before the end, and a sweep of the very end.
            var end = both.First.Clock.GetUtcNow().AddYears(1 + round);
            await both.First.ReadAsync(db => db.Leases.Where(l => ids.Contains(l.JobId)).ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, end.ToUnixTimeMilliseconds())));
            var beat = new WorkerHeartbeat { WorkerId = Worker, Epoch = 1, WorkerName = "w", SentAt = end, Slots = 8, Runs = [.. ids.Select(id => new RunKey(id, 1))], Settled = false };
            var renewing = Task.Run(() => both.First.Get<ILeaseStore>().RenewAsync(beat, end.AddMilliseconds(-1), TimeSpan.FromDays(1), CancellationToken.None));
            var sweeping = Task.Run(() => both.Second.Get<ILeaseStore>().SweepAsync(end, CancellationToken.None));
            var renewed = (await renewing).Renewed.Select(run => run.JobId).ToHashSet();
            await sweeping;
            var lost = await both.First.ReadAsync(db => db.Leases.Where(l => ids.Contains(l.JobId) && l.Lost).Select(l => l.JobId).ToListAsync());
            Assert.DoesNotContain(lost, renewed.Contains);
            Assert.Equal(ids.Order(), renewed.Concat(lost).Concat(await EndedAsync(both.First, ids)).Distinct().Order());
        }
    }

    [Fact]
    public async Task Heartbeats_of_a_new_worker_in_two_processes_at_once_make_one_row_of_the_newest_epoch()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 20; round++)
        {
            var worker = Guid.NewGuid();
            await both.AllAtOnceAsync(8, (jobs, i) => jobs.AskAsync<WorkerHeartbeat, HeartbeatAnswer>(
                EndpointNames.Heartbeat, new WorkerHeartbeat { WorkerId = worker, Epoch = i, WorkerName = $"epoch {i}", SentAt = jobs.Clock.GetUtcNow(), Slots = 1, Runs = [], Settled = false }));
            var row = await both.First.ReadAsync(db => db.Workers.SingleAsync(w => w.WorkerId == worker));
            Assert.Equal((7, "epoch 7"), (row.Epoch, row.Name));
        }
    }

    // Lost, and heard of by the lifecycle already: the lease is gone and the job waits for its next attempt.
    private static Task<List<Guid>> EndedAsync(EmbeddedJobs jobs, List<Guid> ids) =>
        jobs.ReadAsync(db => db.Jobs.Where(j => ids.Contains(j.CorrelationId) && j.CurrentState == "Queued").Select(j => j.CorrelationId).ToListAsync());

    private static async Task<Guid> RunningAsync(EmbeddedJobs jobs)
    {
        var id = await jobs.SubmitAsync();
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static RunOutput Piece(Guid id, long offset, byte[] bytes) =>
        new() { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = offset, Bytes = bytes };

    private static AgentEvent Event(long end) =>
        new() { EndOffset = end, At = DateTimeOffset.UnixEpoch.AddYears(56), Phase = "tool", Kind = "tool_start", Message = $"event {end}", Source = "provider" };
}
