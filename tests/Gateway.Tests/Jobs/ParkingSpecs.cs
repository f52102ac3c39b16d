using System.Globalization;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>A reached usage limit keeps the job that met it, and its credential, until the reset.</summary>
public sealed class ParkingSpecs : IDisposable
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly TestFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_job_that_meets_a_usage_limit_is_parked_until_the_reset_and_goes_on_as_a_resumed_attempt_that_cost_none()
    {
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request() with { MaxAttempts = 1 });
        await LimitAsync(jobs, id, 1, clock.GetUtcNow() + Hour);

        var view = await ViewAsync(jobs, id);
        Assert.Equal((JobStatus.Parked, "waiting", 1), (view.Status, view.Progress?.Phase, view.Attempt));
        Assert.InRange(view.NotBefore!.Value, clock.GetUtcNow() + Hour, clock.GetUtcNow() + Hour + TimeSpan.FromMinutes(1));
        Assert.Contains(view.Progress!.Events, e => e is { Phase: "waiting", Kind: "lifecycle", Source: "gateway" } && e.Message.Contains("usage limit", StringComparison.Ordinal));
        Assert.Equal(0, (await jobs.JobAsync(id)).CountedAttempts);

        clock.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0), await SweepAsync(jobs));
        await OverAsync(jobs, id, TimeSpan.FromSeconds(62));

        Assert.Equal(2, await CommandOfAsync(jobs, id));
        var granted = (await jobs.ClaimAsync(id, 2, Worker)).Granted;
        Assert.True(granted!.Grant.Resume);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 2, Worker, 1));
        Assert.Equal((JobStatus.Completed, null), ((await ViewAsync(jobs, id)).Status, (await ViewAsync(jobs, id)).NotBefore));
    }

    [Fact]
    public async Task A_job_that_does_not_wait_fails_and_says_when_asking_again_helps()
    {
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync(Hasty("one"));
        await LimitAsync(jobs, id, 1, clock.GetUtcNow() + Hour);

        var view = await ViewAsync(jobs, id);
        Assert.Equal((JobStatus.Failed, FailureKinds.UsageLimit, true, 3600), (view.Status, view.Failure?.Kind, view.Failure?.Retryable, view.Failure?.RetryAfterSeconds));
        Assert.Equal(1, (await jobs.JobAsync(id)).CountedAttempts);
    }

    [Theory]
    [InlineData("Fail", null, JobStatus.Failed)]
    [InlineData("Fail", UsageLimitChoice.Park, JobStatus.Parked)]
    [InlineData("Park", null, JobStatus.Parked)]
    public async Task What_the_operator_has_set_holds_where_a_call_says_nothing(string setting, UsageLimitChoice? asked, string status)
    {
        await using var jobs = await StartAsync(("Parking:OnUsageLimit", setting));
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request() with { OnUsageLimit = asked });
        await LimitAsync(jobs, id, 1, null);
        Assert.Equal(status, (await ViewAsync(jobs, id)).Status);
    }

    [Fact]
    public async Task A_parked_job_is_canceled_at_once_and_never_comes_back()
    {
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync();
        await LimitAsync(jobs, id, 1, null);
        var answer = await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        Assert.Equal((true, JobStatus.Canceled), (answer.Accepted, answer.Status));
        clock.Advance(Hour);
        Assert.Equal(0, (await SweepAsync(jobs)).Ended);
        Assert.Equal(JobStatus.Canceled, (await ViewAsync(jobs, id)).Status);
    }

    [Fact]
    public async Task A_job_that_would_be_parked_for_longer_than_allowed_fails_at_once_with_the_time_that_it_would_take()
    {
        await using var jobs = await StartAsync(("Parking:Most", "02:00:00"));
        var id = await jobs.SubmitAsync();
        await LimitAsync(jobs, id, 1, clock.GetUtcNow() + Hour);
        await OverAsync(jobs, id, Hour + TimeSpan.FromSeconds(62));
        await LimitAsync(jobs, id, 2, clock.GetUtcNow() + Hour);

        var view = await ViewAsync(jobs, id);
        Assert.Equal((JobStatus.Failed, FailureKinds.UsageLimit, 3600), (view.Status, view.Failure?.Kind, view.Failure?.RetryAfterSeconds));
        Assert.Contains("longer than the server allows", view.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_equal_call_is_given_the_parked_job()
    {
        await using var jobs = await StartAsync();
        var request = EmbeddedJobs.Request() with { Dedup = true };
        var id = await jobs.SubmitAsync(request);
        await LimitAsync(jobs, id, 1, null);
        Assert.Equal(id, await jobs.SubmitAsync(request));
        Assert.NotEqual(id, await jobs.SubmitAsync(request with { OnUsageLimit = UsageLimitChoice.Fail }));
    }

    [Fact]
    public async Task While_a_credential_rests_nothing_is_started_with_it_and_what_was_on_its_way_is_held_back_at_its_claim()
    {
        await using var jobs = await StartAsync();
        Guid[] ids = [await SubmitAsync(jobs, "default"), await SubmitAsync(jobs, "default"), await SubmitAsync(jobs, "default")];
        Assert.Equal(ids.Order(), (await CommandsAsync(jobs, 3)).Order());
        await LimitAsync(jobs, ids[0], 1, clock.GetUtcNow() + Hour);

        Assert.Equal("parked", (await jobs.ClaimAsync(ids[1], 1, Worker)).Denied);
        Assert.Equal("parked", (await jobs.ClaimAsync(ids[2], 1, Worker)).Denied);
        await LookAsync(jobs);
        Assert.Equal(0, await ReleasedAsync(jobs));
        var waiting = await ViewAsync(jobs, ids[1]);
        Assert.Equal((JobStatus.Queued, "waiting", clock.GetUtcNow() + Hour), (waiting.Status, waiting.Progress?.Phase, waiting.NotBefore));

        // Not even a new one, in the commit that stores it; one with another credential does not mind.
        var late = await SubmitAsync(jobs, "default");
        Assert.Null((await jobs.JobAsync(late)).ReleasedAtMs);
        var other = await SubmitAsync(jobs, "another");
        await LookAsync(jobs);
        Assert.NotNull((await jobs.JobAsync(other)).ReleasedAtMs);
        Assert.NotNull((await jobs.ClaimAsync(other, 1, Worker)).Granted);
    }

    [Fact]
    public async Task After_the_reset_one_job_goes_first_and_when_it_ends_well_all_others_follow()
    {
        await using var jobs = await StartAsync();
        var ids = await BehindAGateAsync(jobs, 3, clock.GetUtcNow() + Hour);

        clock.Advance(Hour);
        var first = await OnlyReleasedAsync(jobs);
        Assert.NotNull((await jobs.ClaimAsync(first, 1, Worker)).Granted);
        await LookAsync(jobs);
        Assert.Equal(0, await ReleasedAsync(jobs));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(first, 1, Worker, 1));
        await LookAsync(jobs);

        await EmbeddedJobs.EventuallyAsync(async () => await ReleasedAsync(jobs) == ids.Count - 1, "all others are released");
        Assert.Equal(0, await jobs.ReadAsync(db => db.CredentialGates.CountAsync()));
    }

    [Fact]
    public async Task When_the_first_job_meets_the_limit_again_the_others_have_not_been_started()
    {
        await using var jobs = await StartAsync();
        var ids = await BehindAGateAsync(jobs, 3, clock.GetUtcNow() + Hour);
        clock.Advance(Hour);
        var first = await OnlyReleasedAsync(jobs);
        await LimitAsync(jobs, first, 1, clock.GetUtcNow() + Hour);
        await LookAsync(jobs);

        Assert.Equal(0, await ReleasedAsync(jobs));
        Assert.All(await Task.WhenAll(ids.Where(id => id != first).Select(id => jobs.JobAsync(id))), job => Assert.Equal(("Queued", 0), (job.CurrentState, job.Attempt)));
        clock.Advance(Hour);
        Assert.NotEqual(first, await OnlyReleasedAsync(jobs));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_first_job_that_takes_long_or_never_begins_keeps_the_others_for_a_minute_and_no_longer(bool begins)
    {
        await using var jobs = await StartAsync();
        await BehindAGateAsync(jobs, 3, clock.GetUtcNow() + Hour);
        clock.Advance(Hour);
        var first = await OnlyReleasedAsync(jobs);
        if (begins)
        {
            await jobs.ClaimAsync(first, 1, Worker);
        }
        else
        {
            await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = first });
        }

        clock.Advance(CredentialGate.Probation);
        await LookAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => await jobs.ReadAsync(db => db.Jobs.CountAsync(j => j.ReleasedAtMs != null && j.CurrentState == "Queued")) == 2, "the others go");
    }

    [Fact]
    public async Task A_job_that_does_not_wait_for_limits_fails_behind_a_closed_gate_without_having_been_started()
    {
        await using var jobs = await StartAsync();
        await BehindAGateAsync(jobs, 1, clock.GetUtcNow() + Hour);
        var hasty = await jobs.SubmitAsync(Hasty("one"));
        var later = await jobs.SubmitAsync(Hasty("two") with { StartAfter = clock.GetUtcNow() + (2 * Hour) });
        var other = await jobs.SubmitAsync(Hasty("three") with { CredentialName = "another" });
        await SweepAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await ViewAsync(jobs, hasty)).Status == JobStatus.Failed, "the job fails");

        var failure = (await ViewAsync(jobs, hasty)).Failure;
        Assert.Equal((FailureKinds.UsageLimit, true, 3600), (failure?.Kind, failure?.Retryable, failure?.RetryAfterSeconds));
        Assert.Contains("'default'", failure?.Message, StringComparison.Ordinal);
        Assert.Equal((0, JobStatus.Queued, JobStatus.Queued), ((await jobs.JobAsync(hasty)).Attempt, (await ViewAsync(jobs, later)).Status, (await ViewAsync(jobs, other)).Status));
    }

    [Fact]
    public async Task A_limit_whose_end_nobody_told_does_not_shorten_one_whose_end_is_known()
    {
        await using var jobs = await StartAsync();
        Guid[] ids = [await SubmitAsync(jobs, "default"), await SubmitAsync(jobs, "default")];
        await CommandsAsync(jobs, 2);
        await jobs.ClaimAsync(ids[1], 1, Worker);
        await LimitAsync(jobs, ids[0], 1, clock.GetUtcNow() + Hour);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Limited(ids[1], 1, null));

        var resting = Assert.Single((await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None)).Parked);
        Assert.Equal(new RestingCredential("claude", "default", clock.GetUtcNow() + Hour, clock.GetUtcNow() + Hour), resting);
        clock.Advance(Hour);
        Assert.Empty((await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None)).Parked);
    }

    [Theory]
    [InlineData(null, 0, 900, 900, true)]
    [InlineData(null, 86_000, 900, 400, true)]
    [InlineData(null, 86_400, 900, 0, false)]
    [InlineData(3_600, 0, 3_600, 3_600, true)]
    [InlineData(3_600, 82_800, 3_600, 3_600, true)]
    [InlineData(3_600, 82_801, 3_600, 3_599, false)]
    [InlineData(-500, 0, 10, 10, true)]
    [InlineData(500_000, 0, 86_400, 86_400, false)]
    public void A_job_and_its_credential_rest_until_the_reset_within_the_operators_bounds(int? resetsIn, int parkedBefore, int rest, int wait, bool fits)
    {
        var (job, now) = (LifecycleSpecs.NewJob("Running", 1), clock.GetUtcNow());
        job.ParkedMs = parkedBefore * 1000L;
        var failure = Limited(job.CorrelationId, 1, resetsIn is { } seconds ? now.AddSeconds(seconds) : null).Failure;
        var plan = ParkingPlan.Of(job, failure, now, new ParkingOptions());
        Assert.Equal((TimeSpan.FromSeconds(rest), fits), (plan.Rest, plan.Fits));
        Assert.InRange(plan.Wait, TimeSpan.FromSeconds(wait), TimeSpan.FromSeconds(wait + 60));
        Assert.True(!fits || plan.Wait <= TimeSpan.FromSeconds(86_400 - parkedBefore));
    }

    [Fact]
    public void Parked_jobs_come_back_one_after_another_and_not_all_at_once()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => ParkingPlan.Of(LifecycleSpecs.NewJob("Running", 1), Limited(Guid.Empty, 1, null).Failure, clock.GetUtcNow(), new ParkingOptions()).Wait).ToList();
        Assert.InRange(waits.Select(wait => (int)(wait - TimeSpan.FromMinutes(15)).TotalSeconds / 6).Distinct().Count(), 6, 10);
    }

    [Theory]
    [InlineData("Parking:OnUsageLimit", "maybe")]
    [InlineData("Parking:UnknownReset", "00:00:09")]
    [InlineData("Parking:Most", "7.00:00:01")]
    [InlineData("Parking:Spread", "00:01:01")]
    public async Task A_setting_out_of_its_range_stops_the_start(string setting, string value)
    {
        await using var jobs = new EmbeddedJobs(folder, clock, settings: [(setting, value)]);
        var problem = await Assert.ThrowsAnyAsync<Exception>(jobs.StartAsync);
        Assert.Contains(setting.Split(':')[1], problem.Message, StringComparison.Ordinal);
    }

    internal static RunFailed Limited(Guid id, int attempt, DateTimeOffset? resetsAt) => new()
    {
        JobId = id,
        Attempt = attempt,
        WorkerId = Worker,
        Epoch = 1,
        Result = LifecycleSpecs.Result(1) with { StartedAt = DateTimeOffset.UnixEpoch },
        Failure = new RunFailure { Kind = FailureKinds.UsageLimit, Message = "m", Retryable = true, ResetsAt = resetsAt, RetryAfterSeconds = resetsAt is null ? null : 3600 },
    };

    private static RunRequest Hasty(string prompt) => EmbeddedJobs.Request(prompt) with { OnUsageLimit = UsageLimitChoice.Fail };

    private Task<EmbeddedJobs> StartAsync(params (string Key, string Value)[] settings) => new EmbeddedJobs(
        folder,
        clock,
        configure: services => services.PostConfigure<SagaPersistenceOptions>(options => options.SettleDelay = TimeSpan.Zero),
        settings: [("Dispatch:OwnSlots", "4"), ("Dispatch:Margin", "0"), ("Leases:Duration", "1.00:00:00"), .. settings]).StartAsync();

    private async Task<Guid> SubmitAsync(EmbeddedJobs jobs, string credential)
    {
        clock.Advance(TimeSpan.FromMilliseconds(1));
        return await jobs.SubmitAsync(EmbeddedJobs.Request() with { CredentialName = credential });
    }

    private static async Task LimitAsync(EmbeddedJobs jobs, Guid id, int attempt, DateTimeOffset? resetsAt)
    {
        await jobs.ClaimAsync(id, attempt, Worker);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Limited(id, attempt, resetsAt));
    }

    /// <summary>Jobs that wait since another has met the limit; that one is canceled.</summary>
    private async Task<List<Guid>> BehindAGateAsync(EmbeddedJobs jobs, int count, DateTimeOffset resetsAt)
    {
        var met = await SubmitAsync(jobs, "default");
        await CommandsAsync(jobs, 1);
        await LimitAsync(jobs, met, 1, resetsAt);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = met });
        await LookAsync(jobs);
        List<Guid> ids = [];
        while (ids.Count < count)
        {
            ids.Add(await jobs.SubmitAsync(EmbeddedJobs.Request(ids.Count.ToString(CultureInfo.InvariantCulture))));
        }

        await LookAsync(jobs);
        Assert.Equal(0, await ReleasedAsync(jobs));
        return ids;
    }

    private async Task OverAsync(EmbeddedJobs jobs, Guid id, TimeSpan after)
    {
        clock.Advance(after);
        await SweepAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == nameof(JobLifecycle.Queued), "the job goes on");
        await LookAsync(jobs);
    }

    private static async Task<Guid> OnlyReleasedAsync(EmbeddedJobs jobs)
    {
        await LookAsync(jobs);
        await EmbeddedJobs.EventuallyAsync(async () => await ReleasedAsync(jobs) > 0, "one is released");
        await LookAsync(jobs);
        return await jobs.ReadAsync(db => db.Jobs.Where(j => j.ReleasedAtMs != null).Select(j => j.CorrelationId).SingleAsync());
    }

    private static async Task<int> CommandOfAsync(EmbeddedJobs jobs, Guid id)
    {
        while (true)
        {
            var command = await jobs.NextCommandAsync();
            if (command.JobId == id && command.Attempt > 1)
            {
                return command.Attempt;
            }
        }
    }

    private static async Task<List<Guid>> CommandsAsync(EmbeddedJobs jobs, int count)
    {
        List<Guid> ids = [];
        while (ids.Count < count)
        {
            ids.Add((await jobs.NextCommandAsync()).JobId);
        }

        return ids;
    }

    private static async Task<JobView> ViewAsync(EmbeddedJobs jobs, Guid id) => (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, new ProgressQuery(0, 32), CancellationToken.None))!;

    private static Task<int> LookAsync(EmbeddedJobs jobs) => jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);

    private static Task<(int Ended, int Told)> SweepAsync(EmbeddedJobs jobs) => jobs.Get<ParkingSweeper>().SweepAsync(CancellationToken.None);

    private static Task<int> ReleasedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Jobs.CountAsync(j => j.ReleasedAtMs != null));
}
