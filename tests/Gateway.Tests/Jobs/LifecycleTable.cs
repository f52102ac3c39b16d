namespace Gateway.Tests.Jobs;

/// <summary>
/// What is expected of <see cref="Gateway.Jobs.Lifecycle.JobLifecycle"/>: state, message, who sends it, next state, answer.
/// The row that meets the message is at attempt 1 of worker "mine" in epoch 5, with one attempt left (or, with "last", none);
/// "new" is a job that was never granted, a "hasty" one does not wait for usage limits, a "patient" one has waited as long as it may. One with "turn" may change files in its own directory alone; "at" says which one
/// the claim names. A person was asked about it: a decision is on that request ("asked") or on "another".
/// </summary>
internal static class LifecycleTable
{
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. Of("AwaitingApproval", "ApprovalGiven", ("new:asked", "Queued", ""), ("new:another", "AwaitingApproval", ""), ("asked", "Queued", "")),
        .. Of("AwaitingApproval", "ApprovalRefused", ("new:asked", "Failed", ""), ("new:another", "AwaitingApproval", ""), ("asked", "Failed", "")),
        .. Of("AwaitingApproval", "ApprovalVoided", ("new:asked", "AwaitingApproval", ""), ("new:another", "AwaitingApproval", "")),
        .. Of("AwaitingApproval", "ReleaseRefused", ("new:next", "AwaitingApproval", "")),
        .. Unparked("AwaitingApproval"),
        .. Of("AwaitingApproval", "CancellationRequested", ("new:any", "Canceled", "accepted canceled"), ("any", "Canceled", "accepted canceled")),
        .. Of("AwaitingApproval", "RunClaimed", ("new:next", "AwaitingApproval", "denied awaiting_approval"), ("next", "AwaitingApproval", "denied awaiting_approval"), ("mine", "AwaitingApproval", "denied awaiting_approval")),
        .. Of("AwaitingApproval", "RunStarted", ("mine", "AwaitingApproval", "")),
        .. Reports("AwaitingApproval", ["mine", "older", "other", "next"], "AwaitingApproval", "fenced"),
        .. Of("AwaitingApproval", "AttemptLost", ("mine", "AwaitingApproval", "fenced"), ("lease", "AwaitingApproval", "fenced")),

        .. Of("Queued", "ReleaseRefused", ("new:next", "Failed", ""), ("next", "Failed", ""), ("mine", "Queued", ""), ("farther", "Queued", "")),
        .. Of("Queued", "ApprovalVoided", ("new:asked", "AwaitingApproval", ""), ("new:another", "Queued", ""), ("asked", "AwaitingApproval", "")),
        .. Late("Queued", "ApprovalGiven", "ApprovalRefused"),
        .. Of("Queued", "ParkingEnded", ("mine", "Queued", ""), ("next", "Queued", "")),
        .. Of("Queued", "UsageLimitMet", ("new:next", "Queued", ""), ("hasty:next", "Failed", ""), ("hasty:mine", "Queued", ""), ("hasty:farther", "Queued", "")),
        .. Of("Queued", "QueueWaitEnded", ("new:next", "Failed", ""), ("next", "Failed", ""), ("mine", "Queued", ""), ("farther", "Queued", "")),
        .. Of("Queued", "RunClaimed", ("new:next", "Running", "granted"), ("next", "Running", "granted"), ("mine", "Queued", "denied stale"), ("farther", "Queued", "denied stale")),
        .. Of("Queued", "CancellationRequested", ("new:any", "Canceled", "accepted canceled"), ("any", "Canceled", "accepted canceled")),
        .. Of("Queued", "RunStarted", ("mine", "Queued", "")),
        .. Reports("Queued", ["mine", "older", "other", "next"], "Queued", "fenced"),
        .. Of("Queued", "AttemptLost", ("mine", "Queued", "fenced"), ("lease", "Queued", "fenced"), ("older", "Queued", "fenced")),

        .. Of("Running", "RunClaimed", ("mine", "Running", "granted"), ("newer", "Running", "granted"), ("older", "Running", "denied taken"), ("other", "Running", "denied taken"), ("next", "Running", "denied taken"), ("unleased:mine", "Running", "denied lost")),
        .. Of("Running", "RunClaimed", ("turn:mine at free", "Running", "granted"), ("turn:mine at its own", "Running", "granted"), ("turn:mine at taken", "Queued", "denied waiting"), ("started turn:mine at taken", "Running", "granted"), ("unleased turn:mine at free", "Running", "denied lost"), ("unleased turn:mine at taken", "Running", "denied lost"), ("turn:other at taken", "Running", "denied taken"), ("turn:mine at no directory", "Running", "granted"), ("mine at taken", "Running", "granted")),
        .. Of("Running", "RunStarted", ("mine", "Running", ""), ("older", "Running", ""), ("other", "Running", ""), ("next", "Running", "")),
        .. Of("Running", "RunCompleted", ("mine", "Completed", "stored ended"), ("newer", "Completed", "stored ended"), ("unleased:mine", "Completed", "stored ended")),
        .. Of("Running", "RunFailed", ("mine", "Failed", "stored ended"), ("again", "Queued", "stored"), ("last:again", "Failed", "stored ended"), ("limit", "Parked", "stored"), ("last:limit", "Parked", "stored"), ("hasty:limit", "Failed", "stored ended"), ("patient:limit", "Failed", "stored ended")),
        .. Of("Running", "RunCanceled", ("mine", "Canceled", "stored ended")),
        .. Of("Running", "RunInterrupted", ("mine", "Queued", "stored"), ("newer", "Queued", "stored"), ("last:mine", "Queued", "stored")),
        .. Reports("Running", ["older", "other", "next", "previous"], "Running", "fenced"),
        .. Of("Running", "AttemptLost", ("mine", "Queued", "stored"), ("lease", "Queued", "stored"), ("last:mine", "Failed", "stored ended"), ("last:lease", "Failed", "stored ended"), ("older", "Running", "fenced"), ("other", "Running", "fenced"), ("lease of previous", "Running", "fenced")),
        .. Of("Running", "CancellationRequested", ("any", "Canceling", "accepted canceling")),
        .. Late("Running", "ApprovalGiven", "ApprovalRefused", "ApprovalVoided"),
        .. Of("Running", "ReleaseRefused", ("next", "Running", "")),
        .. Unparked("Running"),

        .. Of("Parked", "ParkingEnded", ("mine", "Queued", ""), ("next", "Parked", ""), ("previous", "Parked", "")),
        .. Of("Parked", "CancellationRequested", ("any", "Canceled", "accepted canceled")),
        .. Of("Parked", "RunClaimed", ("mine", "Parked", "denied parked"), ("next", "Parked", "denied parked")),
        .. Of("Parked", "RunStarted", ("mine", "Parked", "")),
        .. Reports("Parked", ["mine", "older", "other", "next"], "Parked", "fenced"),
        .. Of("Parked", "AttemptLost", ("mine", "Parked", "fenced"), ("lease", "Parked", "fenced")),
        .. Late("Parked", "ApprovalGiven", "ApprovalRefused", "ApprovalVoided"),
        .. Of("Parked", "ReleaseRefused", ("next", "Parked", "")),
        .. Of("Parked", "UsageLimitMet", ("next", "Parked", ""), ("hasty:next", "Parked", "")),
        .. Of("Parked", "QueueWaitEnded", ("next", "Parked", "")),

        .. Of("Canceling", "RunClaimed", ("mine", "Canceling", "denied canceling"), ("other", "Canceling", "denied canceling"), ("next", "Canceling", "denied canceling")),
        .. Of("Canceling", "RunStarted", ("mine", "Canceling", ""), ("other", "Canceling", "")),
        .. Of("Canceling", "RunCompleted", ("mine", "Completed", "stored ended")),
        .. Of("Canceling", "RunFailed", ("mine", "Failed", "stored ended"), ("again", "Failed", "stored ended"), ("limit", "Failed", "stored ended")),
        .. Of("Canceling", "RunCanceled", ("mine", "Canceled", "stored ended")),
        .. Of("Canceling", "RunInterrupted", ("mine", "Canceled", "stored ended")),
        .. Reports("Canceling", ["older", "other", "next", "previous"], "Canceling", "fenced"),
        .. Of("Canceling", "AttemptLost", ("mine", "Canceled", "stored ended"), ("lease", "Canceled", "stored ended"), ("other", "Canceling", "fenced"), ("lease of previous", "Canceling", "fenced")),
        .. Of("Canceling", "CancellationRequested", ("any", "Canceling", "accepted canceling")),
        .. Late("Canceling", "ApprovalGiven", "ApprovalRefused", "ApprovalVoided"),
        .. Of("Canceling", "ReleaseRefused", ("next", "Canceling", "")),
        .. Unparked("Canceling"),

        .. Final("Completed", "refused completed"),
        .. Final("Failed", "refused failed"),
        .. Final("Canceled", "accepted canceled"),
    ];

    private static IEnumerable<Row> Final(string state, string cancel) =>
    [
        .. Of(state, "RunClaimed", ("mine", state, "denied final"), ("next", state, "denied final")),
        .. Of(state, "RunStarted", ("mine", state, "")),
        .. Reports(state, ["mine", "older", "other", "next"], state, "stored ended"),
        .. Of(state, "AttemptLost", ("mine", state, "stored ended"), ("lease", state, "stored ended")),
        .. Of(state, "CancellationRequested", ("any", state, cancel)),
        .. Late(state, "ApprovalGiven", "ApprovalRefused", "ApprovalVoided"),
        .. Of(state, "ReleaseRefused", ("next", state, "")),
        .. Unparked(state),
    ];

    // Neither parked nor about to begin.
    private static IEnumerable<Row> Unparked(string state) =>
        [.. Of(state, "ParkingEnded", ("mine", state, ""), ("next", state, "")), .. Of(state, "UsageLimitMet", ("next", state, ""), ("hasty:next", state, "")), .. Of(state, "QueueWaitEnded", ("next", state, ""))];

    // Decided already, or nothing to be decided any more.
    private static IEnumerable<Row> Late(string state, params string[] messages) => messages.SelectMany(message => Of(state, message, ("asked", state, ""), ("another", state, "")));

    private static IEnumerable<Row> Reports(string state, string[] senders, string next, string answer) =>
        from message in new[] { "RunCompleted", "RunFailed", "RunCanceled", "RunInterrupted" }
        from sender in senders
        select new Row(state, message, sender, next, answer);

    private static IEnumerable<Row> Of(string state, string message, params (string Sender, string Next, string Answer)[] cases) =>
        cases.Select(c => new Row(state, message, c.Sender, c.Next, c.Answer));

    internal sealed record Row(string State, string Message, string Sender, string Next, string Answer);
}
