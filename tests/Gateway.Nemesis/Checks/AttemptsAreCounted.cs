using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>No job counts more attempts than it may have, none more than it was given, and no agent ran that was not granted.</summary>
internal sealed class AttemptsAreCounted() : Check("I7 attempts within their bound")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var runs = history.Runs.ToLookup(r => r.JobId);
        foreach (var job in history.Jobs)
        {
            yield return Unless(job.CountedAttempts <= job.MaxAttempts, $"{job.Id} counts {job.CountedAttempts} attempts of {job.MaxAttempts}");
            yield return Unless(job.CountedAttempts >= 0 && job.CountedAttempts <= job.Attempt, $"{job.Id} counts {job.CountedAttempts} attempts, granted were {job.Attempt}");
            yield return Unless(runs[job.Id].All(r => r.Attempt >= 1 && r.Attempt <= job.Attempt), $"{job.Id}: a run began that was never granted; granted were {job.Attempt}");
        }
    }
}
