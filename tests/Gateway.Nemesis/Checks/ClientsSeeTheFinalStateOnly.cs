using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>Whoever was told an end, at any gateway, is told nothing else by any gateway afterwards, and it is what is stored.</summary>
internal sealed class ClientsSeeTheFinalStateOnly() : Check("I2 P3 what clients are told of an end stays true")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        foreach (var story in history.Stories.Where(s => s.Observations.Any(o => o.IsFinal)))
        {
            var first = story.Observations.Where(o => o.IsFinal).MinBy(o => o.AnsweredTicks)!;
            foreach (var later in story.Observations.Where(o => o.AskedTicks > first.AnsweredTicks))
            {
                yield return Unless(later.Status == first.Status, $"{story.Accepted[0]} was {first.Status}, then {later.Status}");
            }

            var job = history.JobOf(story);
            yield return Unless(job is not null && string.Equals(job.State, first.Status, StringComparison.OrdinalIgnoreCase), $"{story.Accepted[0]} was told {first.Status} and is {job?.State}");
        }
    }
}
