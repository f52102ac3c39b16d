using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>A subscriber hears the end of each job at least once, of one kind, the stored one, under one id.</summary>
internal sealed class EveryEndIsToldOnce() : Check("I3 P4 each end is told, as one event with one id")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var heard = history.Events.ToLookup(e => e.JobId);
        foreach (var job in history.Jobs.Where(j => j.IsFinal))
        {
            var ends = heard[job.Id].Where(e => e.IsEnd).ToList();
            yield return Unless(ends.Count > 0, $"{job.Id} is {job.State}, and nobody was told");
            yield return Unless(ends.All(e => e.Kind == $"AgentJob{job.State}"), $"{job.Id} is {job.State}, told was {string.Join(", ", ends.Select(e => e.Kind).Distinct())}");
            yield return Unless(ends.Select(e => e.EventId).Distinct().Count() <= 1, $"{job.Id}: its end was told under {ends.Select(e => e.EventId).Distinct().Count()} ids");
        }

        foreach (var one in history.Events)
        {
            yield return Unless(one.EventId == one.MessageId, $"{one.JobId}: {one.Kind} has the id {one.EventId} inside and {one.MessageId} outside");
        }

        foreach (var start in history.Events.Where(e => !e.IsEnd).GroupBy(e => (e.JobId, e.Attempt, e.Kind)))
        {
            yield return Unless(start.Select(e => e.EventId).Distinct().Count() == 1, $"{start.Key.JobId}: {start.Key.Kind} of attempt {start.Key.Attempt} was told under several ids");
        }
    }
}
