using System.Globalization;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Says in words how a job is. The first words tell whether it is finished.</summary>
internal static class JobWords
{
    public const int MostChars = 400;

    public static string Of(JobView job)
    {
        var text = job.Status switch
        {
            JobStatus.Completed => $"Finished: {job.Id} completed{After(job)}. Read the answer with llm_job_result.",
            JobStatus.Failed => $"Finished: {job.Id} failed{After(job)}: {job.Failure?.Kind}: {job.Failure?.Message}",
            JobStatus.Canceled => $"Finished: {job.Id} was canceled. What it printed is in llm_job_result with rawOutput.",
            JobStatus.AwaitingApproval => $"Not finished: {job.Id} waits until a person approves it{Request(job)}. {Again(job)}",
            JobStatus.Queued => $"Not finished: {job.Id} is queued{Place(job)}{HeldBy(job)}{Turn(job)}. {Again(job)}",
            JobStatus.Parked => $"Not finished: {job.Id} is parked: the provider's usage limit is reached. It goes on by itself{From(job)}. {Again(job)}",
            _ => $"Not finished: {job.Id} is {job.Status}{Doing(job)}. {Again(job)}",
        };
        return text.Length <= MostChars ? text : text[..(char.IsHighSurrogate(text[MostChars - 1]) ? MostChars - 1 : MostChars)];
    }

    private static string After(JobView job) => job.DurationMs is { } ms ? $" after {Seconds(ms)} s" : string.Empty;

    private static string Request(JobView job) => job.ApprovalId is { } id ? $" ({id})" : string.Empty;

    private static string Place(JobView job) => job.QueuePosition is { } place ? string.Create(CultureInfo.InvariantCulture, $" at place {place}") : string.Empty;

    private static string From(JobView job) => job.NotBefore is { } start ? string.Create(CultureInfo.InvariantCulture, $" from {start.UtcDateTime:yyyy-MM-dd HH:mm} UTC on") : string.Empty;

    private static string HeldBy(JobView job) => job.HeldBy is { } cap
        ? string.Create(CultureInfo.InvariantCulture, $" and waits until one of those that run has ended: at most {cap.Max} at once ({cap.Rule})")
        : string.Empty;

    private static string Turn(JobView job) => job.WaitsForTurn ? " and waits until another job of its session or directory has ended" : string.Empty;

    private static string Doing(JobView job)
    {
        var phase = job.Progress?.Phase is { } word && word != job.Status ? $" ({word})" : string.Empty;
        var attempt = job.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $", attempt {job.Attempt}") : string.Empty;
        var time = job.DurationMs is { } ms ? $", for {Seconds(ms)} s" : string.Empty;
        return phase + attempt + time;
    }

    private static string Again(JobView job) =>
        string.Create(CultureInfo.InvariantCulture, $"Ask again in {Seconds(job.PollAfterMs)} s with llm_job_status, or let it wait with waitMs.");

    private static string Seconds(long ms) => (ms / 1000m).ToString("0.#", CultureInfo.InvariantCulture);
}
