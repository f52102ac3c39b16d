using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>A job waits for a worker for as long as the operator says, and without a limit on and on.</summary>
public sealed class QueueWaitSpecs : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_job_that_no_worker_took_in_time_expires_and_later_ones_go_on_waiting()
    {
        await using var jobs = await StartAsync(("Jobs:MaxQueueWait", "00:02:00"));
        var first = await jobs.SubmitAsync();
        clock.Advance(TimeSpan.FromSeconds(119));
        var second = await jobs.SubmitAsync();
        await SweepAsync(jobs);
        Assert.Equal(nameof(JobLifecycle.Queued), (await jobs.JobAsync(first)).CurrentState);

        clock.Advance(TimeSpan.FromSeconds(1));
        await ExpiresAsync(jobs, first);
        var expired = await jobs.JobAsync(first);
        Assert.Equal((FailureKinds.Expired, 75, true, null), (expired.FailureKind, expired.ExitCode, expired.FailureRetryable, expired.StartedAtMs));
        Assert.Equal(nameof(JobLifecycle.Queued), (await jobs.JobAsync(second)).CurrentState);
        Assert.NotNull((await jobs.ClaimAsync(first, 1, Guid.NewGuid())).Denied);
    }

    [Fact]
    public async Task A_pause_before_the_start_is_not_waiting()
    {
        await using var jobs = await StartAsync(("Jobs:MaxQueueWait", "00:02:00"));
        var later = await jobs.SubmitAsync(EmbeddedJobs.Request() with { StartAfter = clock.GetUtcNow() + TimeSpan.FromMinutes(10) });

        clock.Advance(TimeSpan.FromMinutes(11));
        await SweepAsync(jobs);
        Assert.Equal(nameof(JobLifecycle.Queued), (await jobs.JobAsync(later)).CurrentState);

        clock.Advance(TimeSpan.FromMinutes(1));
        await ExpiresAsync(jobs, later);
    }

    [Fact]
    public async Task Without_a_limit_a_job_waits_on()
    {
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync();

        clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal(0, await SweepAsync(jobs));
        Assert.Equal(nameof(JobLifecycle.Queued), (await jobs.JobAsync(id)).CurrentState);
    }

    [Fact]
    public async Task What_has_been_told_is_not_told_again_at_once()
    {
        var store = new Due();
        var sweeper = new QueueWaitSweeper(store, new StoreClock(clock), Options.Create(new JobsOptions { MaxQueueWait = TimeSpan.FromMinutes(2) }), clock, NullLogger<QueueWaitSweeper>.Instance);

        Assert.Equal(1, await sweeper.SweepAsync(CancellationToken.None));
        Assert.Equal(0, await sweeper.SweepAsync(CancellationToken.None));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await sweeper.SweepAsync(CancellationToken.None));
        Assert.Equal(clock.GetUtcNow() - TimeSpan.FromMinutes(2), store.Before);
    }

    // The round of its own may have been faster.
    private static async Task ExpiresAsync(EmbeddedJobs jobs, Guid id)
    {
        await SweepAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).FailureKind == FailureKinds.Expired, "it has expired");
    }

    private static Task<int> SweepAsync(EmbeddedJobs jobs) => jobs.Get<QueueWaitSweeper>().SweepAsync(CancellationToken.None);

    // No slot: nothing is released, and nobody claims.
    private Task<EmbeddedJobs> StartAsync(params (string, string)[] settings) =>
        new EmbeddedJobs(folder, clock, worker: false, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0"), .. settings]).StartAsync();

    private sealed class StoreClock(TimeProvider clock) : IStoreClock
    {
        public DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }

    private sealed class Due : IQueueWaitStore
    {
        private readonly Guid job = Guid.NewGuid();

        public DateTimeOffset Before { get; private set; }

        public Task<IReadOnlyList<Guid>> TellAsync(DateTimeOffset dueBefore, int most, IReadOnlyCollection<Guid> told, CancellationToken cancellationToken)
        {
            Before = dueBefore;
            return Task.FromResult<IReadOnlyList<Guid>>(told.Contains(job) ? [] : [job]);
        }
    }
}
