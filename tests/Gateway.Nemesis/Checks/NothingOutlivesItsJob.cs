using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>Ten seconds after the final state no process of the job is alive, whatever it started; and when all is still there is none at all, nor a spool of it.</summary>
internal sealed class NothingOutlivesItsJob() : Check("I5 P6 10 s after its end nothing of a job is alive")
{
    private const long BoundMs = 10_000;

    protected override IEnumerable<string?> Look(RunHistory history)
    {
        var jobs = history.Jobs.ToDictionary(j => j.Id);
        foreach (var sighting in history.Sightings)
        {
            yield return Unless(
                !jobs.TryGetValue(sighting.JobId, out var job) || job.FinishedAtMs is not { } finished || sighting.LastAtMs <= finished + BoundMs,
                $"{sighting.JobId}: attempt {sighting.Attempt} was alive {sighting.LastAtMs - (job?.FinishedAtMs ?? 0)} ms after the job was {job?.State}");
        }

        foreach (var left in history.LeftProcesses)
        {
            yield return $"alive when all is still: {left}";
        }

        foreach (var left in history.LeftSpools)
        {
            yield return $"still spooled when all is still: {left}";
        }
    }
}
