using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// The rows beside the job's own row, written in the transaction of the message that is being handled. Implemented by
/// Storage; scoped.
/// </summary>
public interface IJobLedger
{
    /// <summary>Reads what the run may do.</summary>
    /// <param name="job">The job, with the attempt that is being granted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<RunGrant> ReadGrantAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Gives the attempt to a worker until a time; replaces a lease of an earlier attempt or epoch.</summary>
    /// <param name="job">The job, with attempt, worker and epoch.</param>
    /// <param name="until">End of the lease.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task HoldLeaseAsync(Job job, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Gives the holder a new term under its newest epoch; an ended or lost lease is never renewed.</summary>
    /// <param name="job">The job, with attempt, worker and epoch.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="until">End of the new term.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when the lease has ended: the attempt is lost, and only that remains to be reported.</returns>
    Task<bool> RenewLeaseAsync(Job job, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Ends the lease: no output is taken any more.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task EndLeaseAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Takes the command back that would start the job's next attempt. One that is with a worker already is denied at its claim.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>True when it was still here.</returns>
    Task<bool> WithdrawCommandAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>The command of a final job has come and is on its way no more. The job itself does not change.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task ForgetReleaseAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Adds an event of the gateway itself.</summary>
    /// <param name="job">The job.</param>
    /// <param name="entry">The event.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task AppendEventAsync(Job job, LifecycleEvent entry, CancellationToken cancellationToken);

    /// <summary>Keeps how an attempt ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="result">What the run reported; null when it was lost.</param>
    /// <param name="failureKind">Why it failed; null when it did not.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task RecordAttemptAsync(Job job, RunResult? result, string? failureKind, CancellationToken cancellationToken);

    /// <summary>Opens a new request for a job whose request or consent is void.</summary>
    /// <param name="job">The job; names the request that is void.</param>
    /// <param name="voided">What the rule of the day asks.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>Id of the new request.</returns>
    Task<Guid> AskAnewAsync(Job job, ApprovalVoided voided, CancellationToken cancellationToken);

    /// <summary>Closes the request of a job that nobody wants any more.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task CloseRequestAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Leaves the conversation of a job that ends now in its session: the transcript that the next one goes on with, and what it used.</summary>
    /// <param name="job">The job, with all its attempts recorded.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task KeepConversationAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Takes what one job at a time may have and this one needs.</summary>
    /// <param name="job">A job to which a person has agreed.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when another job has it: this one is in the line now.</returns>
    Task<bool> TakeTurnsAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Takes one more, which the job was found to need when it was about to run.</summary>
    /// <param name="job">A job that holds an attempt.</param>
    /// <param name="key">Name of the turn.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when another job has it, or waits for it and was accepted before: this one has given back all that it had, and waits for all of it in the order of acceptance.</returns>
    Task<bool> TakeTurnAsync(Job job, string key, CancellationToken cancellationToken);

    /// <summary>Gives that back, and lets the next in the line go.</summary>
    /// <param name="job">A job that ends now.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task PassTurnsOnAsync(Job job, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the real cost of a job that ends now in the place of what it had reserved, once, in the counters of the windows that were
    /// reserved. Where an attempt's cost is unknown the reservation stays.
    /// </summary>
    /// <param name="job">The job, with all its attempts recorded.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task SettleCostAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Whether a job that was let go may begin: no gate of its credential has been closed meanwhile, or it is the one that goes first.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<bool> PassesGateAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Closes the gate of the job's credential; one that is closed for longer stays so.</summary>
    /// <param name="job">The job whose run has met the limit.</param>
    /// <param name="until">Store clock: when the first job may try again.</param>
    /// <param name="resetsAt">What the provider said; null for nothing.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task CloseGateAsync(Job job, DateTimeOffset until, DateTimeOffset? resetsAt, CancellationToken cancellationToken);

    /// <summary>Opens the gate that the job was the first to pass: its run has not met the limit again.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task OpenGateAsync(Job job, CancellationToken cancellationToken);

    /// <summary>Counts something once the transaction is committed, and never when it is rolled back: a step may be tried many times.</summary>
    /// <param name="measure">What is counted; reads nothing of the job any more.</param>
    void CountAfterCommit(Action measure);
}
