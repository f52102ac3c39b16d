using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// The life of a job, as a table: in this state, on this message, do this. The row is the only arbiter: the API puts it
/// in as <see cref="Queued"/> or <see cref="AwaitingApproval"/>, everything after that happens here. A message of a worker
/// counts only when it speaks for the attempt that the row holds (<see cref="Holder"/>); every other one is fenced. A
/// decision counts only for the request that the row names (<see cref="Verdict"/>). The drawing of it is in the README
/// beside it.
/// </summary>
/// <remarks>
/// Every row whose condition holds is taken, and each condition is looked at after the rows before it have run. So what
/// changes nothing (denials, fences) stands before what changes the row.
/// </remarks>
public sealed class JobLifecycle : MassTransitStateMachine<Job>
{
    /// <summary>Declares states, messages and the table.</summary>
    public JobLifecycle()
    {
        InstanceState(job => job.CurrentState);
        DeclareMessages();
        DeclareDecisions();
        WhileAwaitingApproval();
        WhileQueued();
        WhileRunning();
        WhileParked();
        WhileCanceling();
        WhenFinal();
    }

    /// <summary>A person has to agree; it has no command and no worker.</summary>
    public State AwaitingApproval { get; private set; } = null!;

    /// <summary>Waits for a worker, or for the pause before another attempt.</summary>
    public State Queued { get; private set; } = null!;

    /// <summary>A worker holds it under a lease.</summary>
    public State Running { get; private set; } = null!;

    /// <summary>The provider's usage limit is reached; goes on by itself.</summary>
    public State Parked { get; private set; } = null!;

    /// <summary>Cancel was asked; the process tree is not yet known to be gone.</summary>
    public State Canceling { get; private set; } = null!;

    /// <summary>The CLI succeeded and all its output is stored. Final.</summary>
    public State Completed { get; private set; } = null!;

    /// <summary>See the failure. Final.</summary>
    public State Failed { get; private set; } = null!;

    /// <summary>Nothing of it runs. Final.</summary>
    public State Canceled { get; private set; } = null!;

    /// <summary>A worker with a free slot asks for an attempt.</summary>
    public Event<ClaimRun> RunClaimed { get; private set; } = null!;

    /// <summary>The process of an attempt runs.</summary>
    public Event<RunStarted> RunStarted { get; private set; } = null!;

    /// <summary>The CLI succeeded.</summary>
    public Event<RunCompleted> RunCompleted { get; private set; } = null!;

    /// <summary>The run failed.</summary>
    public Event<RunFailed> RunFailed { get; private set; } = null!;

    /// <summary>The run was stopped on request.</summary>
    public Event<RunCanceled> RunCanceled { get; private set; } = null!;

    /// <summary>The run was stopped because its worker goes.</summary>
    public Event<RunInterrupted> RunInterrupted { get; private set; } = null!;

    /// <summary>Lease over, or worker back without its runner.</summary>
    public Event<AttemptLost> AttemptLost { get; private set; } = null!;

    /// <summary>A caller wants the job stopped.</summary>
    public Event<RequestCancellation> CancellationRequested { get; private set; } = null!;

    /// <summary>A person agreed, or nobody is asked any more.</summary>
    public Event<ApprovalGiven> ApprovalGiven { get; private set; } = null!;

    /// <summary>A person said no, or nobody answered.</summary>
    public Event<ApprovalRefused> ApprovalRefused { get; private set; } = null!;

    /// <summary>The rule has changed since a person was asked: another one has to be.</summary>
    public Event<ApprovalVoided> ApprovalVoided { get; private set; } = null!;

    /// <summary>The policy of the day does not let it start.</summary>
    public Event<ReleaseRefused> ReleaseRefused { get; private set; } = null!;

    /// <summary>The time of a parked job has come.</summary>
    public Event<ParkingEnded> ParkingEnded { get; private set; } = null!;

    /// <summary>A usage limit is reached that the job does not wait for.</summary>
    public Event<UsageLimitMet> UsageLimitMet { get; private set; } = null!;

    /// <summary>It has waited for a worker for as long as it may.</summary>
    public Event<QueueWaitEnded> QueueWaitEnded { get; private set; } = null!;

    private void WhileAwaitingApproval() =>
        During(AwaitingApproval,
            When(ApprovalGiven, Verdict.IsOnRequest).EnterQueue().TransitionTo(Queued),
            When(ApprovalRefused, Verdict.IsOnRequest).MarkRefused().TransitionTo(Failed),
            When(ApprovalVoided, Verdict.IsOnRequest).AskAnew(),
            When(CancellationRequested).MarkCancelRequested().CloseRequest().MarkCanceled().TransitionTo(Canceled).AnswerCancellation(accepted: true),
            When(RunClaimed).Deny("awaiting_approval"),
            When(RunCompleted).AnswerFenced(),
            When(RunFailed).AnswerFenced(),
            When(RunCanceled).AnswerFenced(),
            When(RunInterrupted).AnswerFenced(),
            When(AttemptLost).AnswerFenced(),
            Ignore(RunStarted),
            Ignore(ReleaseRefused),
            Ignore(ParkingEnded),
            Ignore(UsageLimitMet),
            Ignore(QueueWaitEnded));

    private void WhileQueued() =>
        During(Queued,
            When(ReleaseRefused, Verdict.IsOnNext).MarkRefused().TransitionTo(Failed),
            When(ApprovalVoided, Verdict.IsOnRequest).AskAnew().TransitionTo(AwaitingApproval),
            When(RunClaimed, Holder.IsNotNext).Deny("stale"),
            When(RunClaimed, Holder.IsNext).IfElseAsync(
                Holder.MayBeginAsync,
                free => free.Grant().TransitionTo(Running),
                held => held.Withhold().Deny("parked")),
            When(UsageLimitMet, Verdict.IsOnNext).WithdrawCommand().MarkLimited().TransitionTo(Failed),
            When(QueueWaitEnded, Verdict.IsOnNext).WithdrawCommand().MarkExpired().TransitionTo(Failed),
            When(CancellationRequested).MarkCancelRequested().WithdrawCommand().MarkCanceled().TransitionTo(Canceled).AnswerCancellation(accepted: true),
            When(RunCompleted).AnswerFenced(),
            When(RunFailed).AnswerFenced(),
            When(RunCanceled).AnswerFenced(),
            When(RunInterrupted).AnswerFenced(),
            When(AttemptLost).AnswerFenced(),
            Ignore(RunStarted),
            Ignore(ApprovalGiven),
            Ignore(ApprovalRefused),
            Ignore(ParkingEnded));

    private void WhileRunning() =>
        During(Running,
            When(RunCompleted, Holder.IsFenced).AnswerFenced(),
            When(RunFailed, Holder.IsFenced).AnswerFenced(),
            When(RunCanceled, Holder.IsFenced).AnswerFenced(),
            When(RunInterrupted, Holder.IsFenced).AnswerFenced(),
            When(AttemptLost, Holder.IsFenced).AnswerFenced(),
            When(RunClaimed, Holder.ClaimsAnothers).Deny("taken"),
            When(RunClaimed, Holder.ClaimsAgain).IfElseAsync(
                Holder.RenewsLeaseAsync,
                held => held.IfElseAsync(
                    Holder.TakesTurnAsync,
                    goes => goes.GrantAgain(),
                    waits => waits.GiveBackAttempt().WaitForTurn().TransitionTo(Queued).Deny(RunDenied.Waiting)),
                lost => lost.Deny("lost")),
            When(RunStarted, Holder.Speaks).MarkStarted(),
            When(RunCompleted, Holder.Speaks).Record().MarkCompleted().TransitionTo(Completed).AnswerStored(),
            When(RunFailed, Holder.SpeaksAndMayTryAgain).Record().PlanAfterFailure().TransitionTo(Queued).AnswerStored(),
            When(RunFailed, Holder.SpeaksOfUsageLimit).Record().IfElse(
                Holder.MayPark,
                waits => waits.GiveBackAttempt().Park().TransitionTo(Parked),
                ends => ends.MarkFailed().TransitionTo(Failed)).AnswerStored(),
            When(RunFailed, Holder.SpeaksAtTheEnd).Record().MarkFailed().TransitionTo(Failed).AnswerStored(),
            When(RunCanceled, Holder.Speaks).Record().MarkCanceled().TransitionTo(Canceled).AnswerStored(),
            When(RunInterrupted, Holder.Speaks).Record().GiveBackAttempt().PlanAfterInterruption().TransitionTo(Queued).AnswerStored(),
            When(AttemptLost, Holder.LostAndMayTryAgain).RecordLoss().PlanAfterLoss().TransitionTo(Queued).AnswerStored(),
            When(AttemptLost, Holder.LostAtTheEnd).RecordLoss().MarkWorkerLost().TransitionTo(Failed).AnswerStored(),
            When(CancellationRequested).MarkCancelRequested().TransitionTo(Canceling).AnswerCancellation(accepted: true),
            Ignore(ApprovalGiven),
            Ignore(ApprovalRefused),
            Ignore(ApprovalVoided),
            Ignore(ReleaseRefused),
            Ignore(ParkingEnded),
            Ignore(UsageLimitMet),
            Ignore(QueueWaitEnded));

    private void WhileParked() =>
        During(Parked,
            When(ParkingEnded, Holder.IsOfNewest).EnterQueue().TransitionTo(Queued),
            When(CancellationRequested).MarkCancelRequested().MarkCanceled().TransitionTo(Canceled).AnswerCancellation(accepted: true),
            When(RunClaimed).Deny("parked"),
            When(RunCompleted).AnswerFenced(),
            When(RunFailed).AnswerFenced(),
            When(RunCanceled).AnswerFenced(),
            When(RunInterrupted).AnswerFenced(),
            When(AttemptLost).AnswerFenced(),
            Ignore(RunStarted),
            Ignore(ApprovalGiven),
            Ignore(ApprovalRefused),
            Ignore(ApprovalVoided),
            Ignore(ReleaseRefused),
            Ignore(UsageLimitMet),
            Ignore(QueueWaitEnded));

    private void WhileCanceling() =>
        During(Canceling,
            When(RunCompleted, Holder.IsFenced).AnswerFenced(),
            When(RunFailed, Holder.IsFenced).AnswerFenced(),
            When(RunCanceled, Holder.IsFenced).AnswerFenced(),
            When(RunInterrupted, Holder.IsFenced).AnswerFenced(),
            When(AttemptLost, Holder.IsFenced).AnswerFenced(),
            When(RunClaimed).Deny(RunDenied.Canceling),
            When(RunStarted, Holder.Speaks).MarkStarted(),
            When(RunCompleted, Holder.Speaks).Record().MarkCompleted().TransitionTo(Completed).AnswerStored(),
            When(RunFailed, Holder.Speaks).Record().MarkFailed().TransitionTo(Failed).AnswerStored(),
            When(RunCanceled, Holder.Speaks).Record().MarkCanceled().TransitionTo(Canceled).AnswerStored(),
            When(RunInterrupted, Holder.Speaks).Record().MarkCanceled().TransitionTo(Canceled).AnswerStored(),
            When(AttemptLost, Holder.IsLost).RecordLoss().MarkCanceled().TransitionTo(Canceled).AnswerStored(),
            When(CancellationRequested).AnswerCancellation(accepted: true),
            Ignore(ApprovalGiven),
            Ignore(ApprovalRefused),
            Ignore(ApprovalVoided),
            Ignore(ReleaseRefused),
            Ignore(ParkingEnded),
            Ignore(UsageLimitMet),
            Ignore(QueueWaitEnded));

    private void WhenFinal()
    {
        During(Completed, Failed, Canceled,
            When(RunClaimed).ForgetRelease().Deny("final"),
            When(RunCompleted).AnswerFinal(),
            When(RunFailed).AnswerFinal(),
            When(RunCanceled).AnswerFinal(),
            When(RunInterrupted).AnswerFinal(),
            When(AttemptLost).AnswerFinal(),
            Ignore(RunStarted),
            Ignore(ApprovalGiven),
            Ignore(ApprovalRefused),
            Ignore(ApprovalVoided),
            Ignore(ReleaseRefused),
            Ignore(ParkingEnded),
            Ignore(UsageLimitMet),
            Ignore(QueueWaitEnded));
        During(Canceled, When(CancellationRequested).AnswerCancellation(accepted: true));
        During(Completed, Failed, When(CancellationRequested).AnswerCancellation(accepted: false));
    }

    private void DeclareMessages()
    {
        Event(() => RunClaimed, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.RespondAsync(Answers.Denied(c.Message, RunDenied.Unknown))));
        });
        Event(() => RunStarted, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => CancellationRequested, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync()));
        });
        Event(() => RunCompleted, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync(c.Message.JobId, c.Message.Attempt)));
        });
        Event(() => RunFailed, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync(c.Message.JobId, c.Message.Attempt)));
        });
        Event(() => RunCanceled, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync(c.Message.JobId, c.Message.Attempt)));
        });
        Event(() => RunInterrupted, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync(c.Message.JobId, c.Message.Attempt)));
        });
        Event(() => AttemptLost, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.ExecuteAsync(c => c.AnswerGoneAsync(c.Message.JobId, c.Message.Attempt)));
        });
    }

    private void DeclareDecisions()
    {
        Event(() => ApprovalGiven, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => ApprovalRefused, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => ApprovalVoided, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => ReleaseRefused, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => ParkingEnded, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => UsageLimitMet, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
        Event(() => QueueWaitEnded, e =>
        {
            e.CorrelateById(m => m.Message.JobId);
            e.OnMissingInstance(m => m.Discard());
        });
    }
}
