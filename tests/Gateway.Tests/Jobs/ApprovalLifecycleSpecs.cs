using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>A job that a person has to agree to.</summary>
public sealed class ApprovalLifecycleSpecs : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_job_that_waits_for_a_person_is_never_dispatched_and_counts_as_waiting()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = await PutAsync(jobs);

        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Set<OutboxRow>().CountAsync()));
        var view = (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, job.CorrelationId, new ProgressQuery(0, 10), CancellationToken.None))!;
        Assert.Equal((JobStatus.AwaitingApproval, "waiting", ApprovalIdText.Format(job.ApprovalId!.Value)), (view.Status, view.Progress!.Phase, view.ApprovalId));
        var health = await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None);
        Assert.Equal((1, 1), (health.QueuedJobs, health.QueuedByProvider["claude"]));
        var page = await jobs.Reader.ListAsync(EmbeddedJobs.Alice, new JobFilter { Statuses = [JobStatus.AwaitingApproval], Limit = 5 }, CancellationToken.None);
        Assert.Equal(JobIdText.Format(job.CorrelationId), Assert.Single(page.Jobs).Id);
    }

    [Fact]
    public async Task Consent_makes_the_job_due_rings_the_dispatcher_and_is_told_to_the_owner_once()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = await PutAsync(jobs);
        var consent = new ApprovalGiven { JobId = job.CorrelationId, ApprovalId = job.ApprovalId!.Value, RuleHash = "h" };

        await jobs.DeliverAsync(EndpointNames.JobLifecycle, consent);
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, consent);

        // Nobody but the bell and the second that the dispatcher waits asks for it.
        Assert.Equal((job.CorrelationId, 1), await NextAsync(jobs));
        Assert.Equal(["The job was approved."], await MessagesAsync(jobs, job.CorrelationId));
        Assert.Equal("h", (await jobs.JobAsync(job.CorrelationId)).RuleHash);
    }

    [Fact]
    public async Task Consent_does_not_bring_the_start_forward_that_was_asked_for()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var start = jobs.Clock.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        var job = await PutAsync(jobs, start);

        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new ApprovalGiven { JobId = job.CorrelationId, ApprovalId = job.ApprovalId!.Value, RuleHash = "h" });

        Assert.Equal(("Queued", start), ((await jobs.JobAsync(job.CorrelationId)).CurrentState, (await jobs.JobAsync(job.CorrelationId)).DueAtMs));
        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(FailureKinds.ApprovalRejected, false)]
    [InlineData(FailureKinds.ApprovalExpired, true)]
    public async Task A_no_ends_the_job_with_its_kind_rule_and_words(string kind, bool retryable)
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = await PutAsync(jobs);

        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new ApprovalRefused { JobId = job.CorrelationId, ApprovalId = job.ApprovalId!.Value, Failure = LifecycleSpecs.Refusal(kind, "not on a Friday") });

        var view = (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, job.CorrelationId, new ProgressQuery(0, 10), CancellationToken.None))!;
        Assert.Equal((JobStatus.Failed, kind, "not on a Friday", retryable), (view.Status, view.Failure!.Kind, view.Failure.Message, view.Failure.Retryable));
        Assert.Equal(("/tools/t/approval", "not on a Friday", ApprovalIdText.Format(job.ApprovalId!.Value)), (view.Failure.Rule, view.Failure.Reason, view.Failure.ApprovalId));
    }

    [Fact]
    public async Task A_job_canceled_while_it_waits_was_never_started_and_its_request_is_closed()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = await PutAsync(jobs);

        var answer = await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = job.CorrelationId });

        Assert.True(answer.Accepted);
        Assert.Equal((0, (long?)null), ((await jobs.JobAsync(job.CorrelationId)).Attempt, (await jobs.JobAsync(job.CorrelationId)).StartedAtMs));
        Assert.Equal(ApprovalStatus.Void, (await jobs.ReadAsync(db => db.Approvals.AsNoTracking().SingleAsync())).Status);
    }

    [Fact]
    public async Task A_rule_that_has_changed_opens_a_new_request_under_the_new_rule_and_closes_the_old_one()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = await PutAsync(jobs);
        var now = jobs.Clock.GetUtcNow();

        await jobs.DeliverAsync(EndpointNames.JobLifecycle, LifecycleSpecs.Voided(job.CorrelationId, job.ApprovalId!.Value));
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, LifecycleSpecs.Voided(job.CorrelationId, job.ApprovalId!.Value));

        var after = await jobs.JobAsync(job.CorrelationId);
        Assert.Equal("AwaitingApproval", after.CurrentState);
        Assert.NotEqual(job.ApprovalId, after.ApprovalId);
        var requests = await jobs.ReadAsync(db => db.Approvals.AsNoTracking().OrderBy(a => a.CreatedAtMs).ToListAsync());
        Assert.Equal([(ApprovalStatus.Void, "h"), (ApprovalStatus.Pending, "h2")], requests.Select(a => (a.Status, a.RuleHash)));
        Assert.Equal(after.ApprovalId, requests[1].ApprovalId);
        Assert.InRange(requests[1].ExpiresAtMs, now.AddMinutes(30).ToUnixTimeMilliseconds(), now.AddMinutes(31).ToUnixTimeMilliseconds());
    }

    private static async Task<Job> PutAsync(EmbeddedJobs jobs, long? start = null)
    {
        var job = LifecycleSpecs.NewJob("AwaitingApproval", 0);
        (job.NotBeforeMs, job.DueAtMs) = (start, start ?? 0);
        await jobs.AddAsync(job, LifecycleSpecs.RequestOf(job), LifecycleSpecs.ApprovalOf(job));
        return job;
    }

    private static async Task<(Guid, int)> NextAsync(EmbeddedJobs jobs)
    {
        var command = await jobs.NextCommandAsync();
        return (command.JobId, command.Attempt);
    }

    private static Task<List<string>> MessagesAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.ReadAsync(db => db.Events.Where(e => e.JobId == id && e.Phase == "queued").OrderBy(e => e.Seq).Select(e => e.Message).ToListAsync());
}
