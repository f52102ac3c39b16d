using System.Text.Json;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Quotas;
using Gateway.Jobs.Reading;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Admission;

/// <summary>Takes jobs in: row, request and command in one commit, so that an id in the caller's hand means a stored job.</summary>
public sealed class JobAdmission(
    IJobStore store, JobReader reader, IApprovalStore approvals, ApprovalRequests requests, AdmissionCounters counters, DirectReleases direct, DispatchBell bell, CapsInForce caps, TenantQuotas quotas,
    IAuditLog audit, IStoreClock time, IOptions<JobsOptions> options, IOptions<ParkingOptions> parking, TimeProvider clock)
{
    private const int PreviewChars = 200;

    /// <summary>Stores a job, or finds the one that the idempotency key names. Nothing is stored when it throws.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="terms">What was judged of the call.</param>
    /// <param name="cancellationToken">Ends the attempt to store; a job may then exist all the same.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached; nothing was accepted.</exception>
    public async Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        terms = terms.Judgement is { } judgement ? terms with { Judgement = quotas.Narrow(judgement, caller, request) } : terms;
        if (terms.Judgement?.Refusal is { } judged)
        {
            return await RefuseAsync(request, terms, judged, new SubmitOutcome.Refused(judged), cancellationToken);
        }

        request = request with { OnUsageLimit = request.OnUsageLimit ?? parking.Value.OnUsageLimit };
        terms = terms.Judgement is { } answered ? terms with { Judgement = CallerQuestion.Add(answered, request.CallerAsks) } : terms;
        terms = terms with { Request = requests.OfRun(caller, terms, request) };
        var job = NewRow(caller, request, terms, clock.GetUtcNow().ToUnixTimeMilliseconds());
        request = Named(request, job);
        var capped = job.TakesTurns || caps.OfTenant(caller.Tenant).Count > 0 || terms.Judgement?.Caps.Any(cap => cap.Kind == JobCapKind.Running) == true;
        PlanFirst(job, request, capped || job.ApprovalId is not null, time.GetUtcNow().ToUnixTimeMilliseconds());
        var expires = job.CreatedAtMs + (long)options.Value.IdempotencyWindow.TotalMilliseconds;
        var result = await InsertAsync(new NewJob(job, request, CallHash.OfCall(request), expires, EqualOf(job, request, terms)), terms, cancellationToken);
        switch (result.Outcome)
        {
            case InsertOutcome.Inserted:
                if (capped)
                {
                    bell.Ring();
                }
                else if (job.ReleasedAtMs is null)
                {
                    bell.JobWaits();
                }

                JobsTelemetry.JobAccepted(request.Cli);
                return new SubmitOutcome.Accepted(
                    JobViews.OfNew(job),
                    job.ApprovalId is { } id && terms.Request is { } asked ? new PendingApproval(ApprovalIdText.Format(id), asked.Terms.Reason, asked.ExpiresAt) : null);
            case InsertOutcome.KeyConflict:
                return await RefuseAsync(request, terms, Plain("conflict", "the idempotency key belongs to a job with other arguments"), new SubmitOutcome.KeyConflict(result.JobId), cancellationToken);
            case InsertOutcome.QueueFull:
                return await RefuseAsync(request, terms, Plain(RefusalKinds.QueueFull, "as many jobs wait as the server holds"), new SubmitOutcome.QueueFull(options.Value.MaxQueued), cancellationToken);
            case InsertOutcome.SessionGone when request.Conversation.Resumes is { } session:
                return await RefuseAsync(request, terms, Plain("not_found", "the session is not there"), new SubmitOutcome.SessionGone(session), cancellationToken);
            case InsertOutcome.Refused when result.Refusal is { } refusal:
                return await RefuseAsync(request, terms, refusal, new SubmitOutcome.Refused(refusal), cancellationToken);
            default:
                var existing = await reader.FindAsync(caller, result.JobId, new ProgressQuery(0, 0), cancellationToken)
                    ?? throw new InvalidOperationException("The job of an idempotency key is not there.");
                return new SubmitOutcome.Accepted(existing with { Deduped = true }, await approvals.FindPendingAsync(caller, existing, cancellationToken));
        }
    }

    // The store looks for consent in its transaction, behind the replay; only where it found none is a person asked.
    private async Task<InsertResult> InsertAsync(NewJob newJob, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        var command = newJob.Job.ReleasedAtMs is null ? null : newJob.Job.NextRelease();
        var result = await store.InsertAsync(newJob, terms, command, options.Value.MaxQueued, cancellationToken);
        if (result.Refusal?.Kind != RefusalKinds.ApprovalRequired || terms.Request is not { } request)
        {
            return result;
        }

        // None: a person has agreed meanwhile.
        return await approvals.AskAsync(request, cancellationToken) is { } refusal
            ? result with { Refusal = refusal }
            : await store.InsertAsync(newJob, terms, command, options.Value.MaxQueued, cancellationToken);
    }

    // Of what was refused the transaction left nothing; the record of it has one of its own, and without it nobody is told anything.
    private async Task<SubmitOutcome> RefuseAsync(RunRequest request, AdmissionTerms terms, Refusal why, SubmitOutcome outcome, CancellationToken cancellationToken)
    {
        if (terms.Record is { } record)
        {
            await audit.AppendAsync(record.Denied(why), cancellationToken);
        }

        if (why.Kind == RefusalKinds.QueueFull)
        {
            counters.CountRejected();
            JobsTelemetry.JobRefused(request.Cli);
        }

        return outcome;
    }

    private static Refusal Plain(string kind, string reason) => new() { Kind = kind, Rule = "", Reason = reason };

    // Where slots are free the command is in the same commit; otherwise the job waits for its turn, as it does where a cap may be full.
    private void PlanFirst(Job job, RunRequest request, bool capped, long now)
    {
        var due = request.StartAfter?.ToUnixTimeMilliseconds();
        job.NotBeforeMs = due > now ? due : null;
        job.DueAtMs = job.NotBeforeMs ?? now;
        job.ReleasedAtMs = job.NotBeforeMs is null && !capped && direct.TryTake(job.Pool, job.CredentialName) ? now : null;
    }

    // A worktree that was given no name has that of its job: nobody else's is like it.
    private static RunRequest Named(RunRequest request, Job job) => request.Places is { Worktree: { Name: null } worktree } places
        ? request with { Places = places with { Worktree = worktree with { Name = JobIdText.Format(job.CorrelationId) } } }
        : request;

    private static Job NewRow(Caller caller, RunRequest request, AdmissionTerms terms, long now) => new()
    {
        CorrelationId = JobIdText.NewId(),
        CurrentState = IsHeld(terms) ? nameof(JobLifecycle.AwaitingApproval) : nameof(JobLifecycle.Queued),
        ApprovalId = IsHeld(terms) ? ApprovalIdText.NewId() : null,
        Tenant = caller.Tenant,
        Grant = caller.Grant,
        GrantLabel = terms.GrantLabel,
        Tool = request.Tool,
        PolicyHash = terms.Judgement?.PolicyHash,
        RuleHash = terms.Judgement?.RuleHash,
        Cli = request.Cli,
        Pool = request.Pool,
        Workspace = request.Workspace,
        MaxAttempts = request.MaxAttempts,
        CredentialName = request.CredentialName,
        OnUsageLimit = request.OnUsageLimit ?? UsageLimitChoice.Park,
        Priority = request.Priority,
        RequestCorrelationId = request.CorrelationId,
        IdempotencyKey = request.IdempotencyKey,
        RetryOf = request.RetryOf,
        LabelsJson = JsonSerializer.Serialize(request.Labels, JobsJson.Default.IReadOnlyListString),
        PromptPreview = Preview(request.Prompt),
        Writes = request.Writes,
        TraceParent = request.TraceParent,
        SessionId = request.Conversation is { Resumes: { } session, Forks: false } ? session : Guid.NewGuid(),
        KeepsSession = request.Conversation.Keeps,
        Forks = request.Conversation.Forks,
        TakesTurns = request.Turns.Count > 0,
        Model = request.Agent.Model,
        CreatedAtMs = now,
        QueuedAtMs = now,
    };

    // A call about which a person is asked is that person's to decide, each time.
    private EqualCall? EqualOf(Job job, RunRequest request, AdmissionTerms terms) =>
        request.Dedup && terms.Request is null && options.Value.DedupWindow is { Ticks: > 0 } window
            ? new EqualCall(CallHash.OfContent(request), job.CreatedAtMs + (long)window.TotalMilliseconds)
            : null;

    private static bool IsHeld(AdmissionTerms terms) => terms.Request?.Terms.Mode == ApprovalMode.Job;

    private static string Preview(string prompt)
    {
        if (prompt.Length <= PreviewChars)
        {
            return prompt;
        }

        // Half of a character would be no text.
        var length = char.IsHighSurrogate(prompt[PreviewChars - 1]) ? PreviewChars - 1 : PreviewChars;
        return prompt[..length];
    }
}
