using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>Nothing took less than no time, and nothing ended before it was accepted.</summary>
internal sealed class DurationsArePositive() : Check("I9 no negative duration")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        foreach (var job in history.Jobs)
        {
            yield return Unless(job.DurationMs is null or >= 0, $"{job.Id} took {job.DurationMs} ms");
            yield return Unless(job.FinishedAtMs is null || job.FinishedAtMs >= job.CreatedAtMs, $"{job.Id} ended {job.CreatedAtMs - job.FinishedAtMs} ms before it was accepted");
        }

        foreach (var attempt in history.Attempts)
        {
            yield return Unless(attempt.DurationMs is null or >= 0, $"{attempt.JobId}/{attempt.Attempt} took {attempt.DurationMs} ms");
        }
    }
}
