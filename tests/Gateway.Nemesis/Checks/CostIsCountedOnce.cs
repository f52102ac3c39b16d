using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>A job costs what its attempts cost; and a completed one what its agent reported, no matter how often the report came.</summary>
internal sealed class CostIsCountedOnce() : Check("I13 P10 cost is counted once")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var attempts = history.Attempts.ToLookup(a => a.JobId);
        var runs = history.Runs.ToLookup(r => r.JobId);
        foreach (var job in history.Jobs)
        {
            yield return Unless((job.CostUsd ?? 0) == attempts[job.Id].Sum(a => a.CostUsd ?? 0), $"{job.Id} cost {job.CostUsd}, its attempts {attempts[job.Id].Sum(a => a.CostUsd ?? 0)}");
        }

        foreach (var story in history.Stories.Where(s => s.CostUsd is not null))
        {
            if (history.JobOf(story) is { State: "Completed" } job)
            {
                // A run that was cut after its last line has told its conversation of its cost, which the next one then reports with its own.
                var most = story.CostUsd * Math.Max(1, runs[job.Id].Count());
                yield return Unless(job.CostUsd >= story.CostUsd && job.CostUsd <= most, $"{job.Id} ({story.Kind}) cost {job.CostUsd}, its agent reported {story.CostUsd} a run in {runs[job.Id].Count()} runs");
            }
        }
    }
}
