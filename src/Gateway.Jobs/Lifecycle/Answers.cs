using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>The answers that <see cref="JobLifecycle"/> gives: grants and denials to claims, receipts to reports, decisions to cancels.</summary>
internal static class Answers
{
    /// <summary>The denial of a claim.</summary>
    public static RunDenied Denied(ClaimRun claim, string reason) =>
        new() { JobId = claim.JobId, Attempt = claim.Attempt, Reason = reason };

    /// <summary>Answers that the attempt is not to be started.</summary>
    public static EventActivityBinder<Job, ClaimRun> Deny(this EventActivityBinder<Job, ClaimRun> step, string reason) =>
        step.ThenAsync(c => c.RespondAsync(Denied(c.Message, reason)));

    /// <summary>Answers a cancel with the state that the job is in by now.</summary>
    public static EventActivityBinder<Job, RequestCancellation> AnswerCancellation(this EventActivityBinder<Job, RequestCancellation> step, bool accepted) =>
        step.ThenAsync(c => c.RespondAsync(new CancellationAnswer
        {
            JobId = c.Saga.CorrelationId,
            Accepted = accepted,
            Status = c.Saga.Status(),
            Attempt = c.Saga.FinishedAtMs is null ? c.Saga.Attempt : null,
            WorkerId = c.Saga.FinishedAtMs is null ? c.Saga.WorkerId : null,
        }));

    /// <summary>Answers that the outcome is stored.</summary>
    public static EventActivityBinder<Job, T> AnswerStored<T>(this EventActivityBinder<Job, T> step)
        where T : class => step.ThenAsync(c => AnswerAsync(c, c.Saga, AttemptOf(c.Message), fenced: false));

    /// <summary>Answers that the attempt is not the authoritative one.</summary>
    public static EventActivityBinder<Job, T> AnswerFenced<T>(this EventActivityBinder<Job, T> step)
        where T : class => step.ThenAsync(c => AnswerAsync(c, c.Saga, AttemptOf(c.Message), fenced: true));

    /// <summary>Answers a repeated report of a job that is final: nothing changes, the spool may go.</summary>
    public static EventActivityBinder<Job, T> AnswerFinal<T>(this EventActivityBinder<Job, T> step)
        where T : class => step.ThenAsync(c => AnswerAsync(c, c.Saga, AttemptOf(c.Message), fenced: false));

    /// <summary>Answers a cancel of a job that is not there (any more).</summary>
    public static Task AnswerGoneAsync(this ConsumeContext<RequestCancellation> context) => context.RespondAsync(new CancellationAnswer
    {
        JobId = context.Message.JobId,
        Accepted = false,
        Status = "unknown",
    });

    /// <summary>Answers a report of a job that is not there (any more).</summary>
    public static Task AnswerGoneAsync(this ConsumeContext context, Guid jobId, int attempt) => IsRequest(context)
        ? context.RespondAsync(Receipt(jobId, attempt, fenced: true, jobEnded: true))
        : Task.CompletedTask;

    private static Task AnswerAsync(BehaviorContext<Job> context, Job job, int attempt, bool fenced) => IsRequest(context)
        ? context.RespondAsync(Receipt(job.CorrelationId, attempt, fenced, job.FinishedAtMs is not null))
        : Task.CompletedTask;

    // The receipt is for the attempt that was reported, which need not be the job's newest.
    private static int AttemptOf(object message) => message switch
    {
        RunCompleted report => report.Attempt,
        RunFailed report => report.Attempt,
        RunCanceled report => report.Attempt,
        RunInterrupted report => report.Attempt,
        AttemptLost report => report.Attempt,
        _ => throw new InvalidOperationException($"{message.GetType().Name} is not answered with a receipt."),
    };

    // The sweeper sends AttemptLost without waiting for an answer; an answer without an address would be published.
    private static bool IsRequest(ConsumeContext context) => context.ResponseAddress is not null;

    private static RunReceipt Receipt(Guid jobId, int attempt, bool fenced, bool jobEnded) => new()
    {
        JobId = jobId,
        Attempt = attempt,
        StoredBytes = new Dictionary<OutputStream, long>(),
        OutcomeStored = true,
        Fenced = fenced,
        JobEnded = jobEnded,
    };
}
