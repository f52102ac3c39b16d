using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>A gateway that runs says that it lives, whatever it lacks; it is not ready for long while broker or database are gone, and is ready in the end.</summary>
internal sealed class HealthTellsTheTruth() : Check("I12 liveness through every failure, readiness true")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        foreach (var probe in history.Probes.Where(p => p.ProcessRuns))
        {
            yield return Unless(probe.Live == 200, $"{probe.Api}: liveness said {probe.Live} while the process ran");
        }

        foreach (var probe in history.Probes.Where(p => p is { ProcessRuns: true, DependencyDown: true }))
        {
            yield return Unless(probe.Ready is 503 or 0, $"{probe.Api}: readiness said {probe.Ready} while broker or database was gone");
        }

        foreach (var last in history.Probes.GroupBy(p => p.Api).Select(g => g.MaxBy(p => p.Ticks)!))
        {
            yield return Unless(last is { Live: 200, Ready: 200 }, $"{last.Api}: in the end liveness says {last.Live} and readiness {last.Ready}");
        }
    }
}
