using System.Globalization;
using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Watch;

/// <summary>Sees in the process table which attempts are alive, and how much memory the gateway's own processes have.</summary>
internal sealed class ProcessWatch(NemesisHouse house)
{
    // Stated in the README: embedded figures are held by the benchmarks; here databases are away and floods come together.
    private const long HostBoundBytes = 300L << 20;
    private const long RunnerBoundBytes = 120L << 20;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<(Guid, int), Sighting> _seen = [];
    private readonly Dictionary<string, MemoryPeak> _memory = [];

    public IReadOnlyList<Sighting> Sightings => [.. _seen.Values];

    public IReadOnlyList<MemoryPeak> Memory => [.. _memory.Values];

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, TimeProvider.System);
        try
        {
            for (var look = 0; await timer.WaitForNextTickAsync(cancellationToken); look++)
            {
                LookAtRuns();
                if (look % 5 == 0)
                {
                    LookAtMemory();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void LookAtRuns()
    {
        // The time before the look: whatever is found was alive then or later. A later end is found by the next look.
        var (ticks, nowMs) = (Clock.Ticks, Clock.NowMs);
        foreach (var (_, run) in ProcessTable.Runs(house.Folder))
        {
            var parts = run.Split('/');
            if (parts.Length == 2 && Guid.TryParse(parts[0], out var job) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var attempt))
            {
                var first = _seen.TryGetValue((job, attempt), out var before) ? before.FirstTicks : ticks;
                _seen[(job, attempt)] = new Sighting(job, attempt, first, ticks, nowMs);
            }
        }
    }

    private void LookAtMemory()
    {
        foreach (var program in house.Programs)
        {
            Keep(program.Name, program.Id, HostBoundBytes);
        }

        foreach (var worker in house.WorkerPrograms)
        {
            Keep($"{worker.Name}'s runner", worker.RunnerId, RunnerBoundBytes);
        }
    }

    private void Keep(string name, int pid, long bound)
    {
        var bytes = pid == 0 ? 0 : ProcessTable.Resident(pid);
        if (bytes > (_memory.TryGetValue(name, out var peak) ? peak.Bytes : -1))
        {
            _memory[name] = new MemoryPeak(name, bytes, bound);
        }
    }
}
