using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>By the agents' own log and by the process table: an attempt is started once, and the one before is dead when the next begins.</summary>
internal sealed class RunsDoNotOverlap() : Check("I4 P5 never two live runs of a job")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var seen = history.Sightings.ToDictionary(s => (s.JobId, s.Attempt));
        foreach (var job in history.Runs.GroupBy(r => r.JobId))
        {
            var ordered = job.OrderBy(r => r.StartTicks).ToList();
            yield return Unless(ordered.Select(r => r.Attempt).Distinct().Count() == ordered.Count, $"{job.Key}: an attempt was started twice: {string.Join(", ", ordered.Select(r => r.Attempt))}");
            foreach (var (earlier, later) in ordered.Zip(ordered.Skip(1)))
            {
                yield return Unless(earlier.Attempt <= later.Attempt, $"{job.Key}: attempt {earlier.Attempt} began before attempt {later.Attempt}");
                yield return Unless(earlier.StopTicks is null || earlier.StopTicks <= later.StartTicks, $"{job.Key}: attempt {earlier.Attempt} ended after attempt {later.Attempt} had begun");
                yield return Unless(
                    earlier.Attempt == later.Attempt || !seen.TryGetValue((job.Key, earlier.Attempt), out var alive) || alive.LastTicks <= later.StartTicks,
                    $"{job.Key}: attempt {earlier.Attempt} was seen alive after attempt {later.Attempt} had begun");
            }
        }
    }
}
