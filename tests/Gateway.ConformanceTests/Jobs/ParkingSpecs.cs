using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class ParkingSpecsOnSqlite() : ParkingSpecs(Databases.Sqlite);

public sealed class ParkingSpecsOnPostgreSql() : ParkingSpecs(Databases.PostgreSql);

/// <summary>Parked jobs and the gates of credentials, the same on every database.</summary>
public abstract class ParkingSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_limit_parks_its_job_and_rests_its_credential_others_pass_and_after_the_reset_one_goes_first()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: [("Dispatch:OwnSlots", "8"), ("Dispatch:Margin", "0"), ("Leases:Duration", "1.00:00:00")]).StartAsync();
        var met = await SubmitAsync(jobs, "resting");
        await LookAsync(jobs);
        await LimitAsync(jobs, met, 1, clock.GetUtcNow().AddHours(1));
        // Until it has looked, a few are let go that would be held back at their claim.
        await LookAsync(jobs);
        List<Guid> behind = [];
        while (behind.Count < 30)
        {
            behind.Add(await SubmitAsync(jobs, "resting"));
        }

        var other = await SubmitAsync(jobs, "another");
        var hasty = await SubmitAsync(jobs, "resting", UsageLimitChoice.Fail);
        await LookAsync(jobs);
        Assert.Equal((nameof(JobLifecycle.Parked), 0), ((await jobs.JobAsync(met)).CurrentState, (await jobs.JobAsync(met)).CountedAttempts));
        await EmbeddedJobs.EventuallyAsync(async () => (await ReleasedAsync(jobs)) is [var one] && one == other, "the other credential alone is used");
        await jobs.Get<ParkingSweeper>().SweepAsync(CancellationToken.None);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(hasty)).FailureKind == FailureKinds.UsageLimit, "who does not wait is told");

        clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        await LookAsync(jobs);
        var first = Assert.Single(await ReleasedAsync(jobs), id => id != other);
        await jobs.ClaimAsync(first, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(first, 1, Worker));
        Assert.Equal(0, await jobs.ReadAsync(db => db.CredentialGates.CountAsync()));
        clock.Advance(TimeSpan.FromMinutes(1));
        await jobs.Get<ParkingSweeper>().SweepAsync(CancellationToken.None);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(met)).CurrentState == nameof(JobLifecycle.Queued), "the parked job is back");
        await LookAsync(jobs);
        Assert.True((await ReleasedAsync(jobs)).Count > 2);
    }

    [Fact]
    public async Task Jobs_of_many_credentials_are_found_past_those_that_rest()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        foreach (var credential in (string[])["a", "b", "c", "d"])
        {
            for (var i = 0; i < 12; i++)
            {
                await SubmitAsync(jobs, credential);
            }
        }

        var gates = ((string[])["a", "b", "d"]).Select(name => new CredentialGate("default", name, "claude", clock.GetUtcNow().AddHours(1), null, null, null));
        var room = new RunningRoom(jobs.Get<CapsInForce>(), [], GateRoom.Of(gates, clock.GetUtcNow()));
        var found = await jobs.Get<IDispatchStore>().ReadWaitingAsync("default", clock.GetUtcNow(), 10, room, CancellationToken.None);
        Assert.Equal(["c"], found.Select(job => job.Credential).Distinct());
        Assert.Equal(10, found.Count);
    }

    private async Task<Guid> SubmitAsync(EmbeddedJobs jobs, string credential, UsageLimitChoice choice = UsageLimitChoice.Park)
    {
        clock.Advance(TimeSpan.FromMilliseconds(1));
        return await jobs.SubmitAsync(EmbeddedJobs.Request() with { CredentialName = credential, OnUsageLimit = choice });
    }

    private static async Task LimitAsync(EmbeddedJobs jobs, Guid id, int attempt, DateTimeOffset resetsAt)
    {
        await jobs.ClaimAsync(id, attempt, Worker);
        var failed = Reports.Failed(id, attempt, Worker, "m");
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, failed with { Failure = failed.Failure with { Kind = FailureKinds.UsageLimit, ResetsAt = resetsAt } });
    }

    private static Task<int> LookAsync(EmbeddedJobs jobs) => jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);

    private static Task<List<Guid>> ReleasedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Jobs.Where(j => j.ReleasedAtMs != null && j.CurrentState == "Queued").Select(j => j.CorrelationId).ToListAsync());
}
