using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>After anybody was told that a job has ended, or that its cancel is through, none of its runs begins.</summary>
internal sealed class NothingStartsAfterTheEnd() : Check("I4 nothing of a job starts after its end was told")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var runs = history.Runs.ToLookup(r => r.JobId);
        foreach (var story in history.Stories.Where(s => s.Accepted.Count > 0))
        {
            var told = story.Observations.Where(o => o.IsFinal).Select(o => o.AnsweredTicks)
                .Concat(story.Cancels.Where(c => c.Status == "canceled").Select(c => c.AnsweredTicks)).DefaultIfEmpty(long.MaxValue).Min();
            foreach (var run in runs[story.Accepted[0]])
            {
                yield return Unless(run.StartTicks <= told, $"{run.JobId}: attempt {run.Attempt} began after its end was told");
            }
        }
    }
}
