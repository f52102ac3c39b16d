using System.Collections.Concurrent;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>The runs that this worker has in hand, and its slots. Safe for use by many threads.</summary>
internal sealed class RunTable(IOptions<WorkerOptions> options)
{
    private readonly ConcurrentDictionary<RunKey, ActiveRun> _runs = new();

    /// <summary>The places for runs.</summary>
    public SlotGate Slots { get; } = new(options.Value.Slots);

    /// <summary>The runs in hand.</summary>
    public IEnumerable<ActiveRun> All => _runs.Values;

    /// <summary>Waits for a slot and takes a run in hand.</summary>
    /// <returns>Null when this worker has the run already.</returns>
    public async Task<ActiveRun?> TakeAsync(RunKey key, CancellationToken cancellationToken)
    {
        if (_runs.ContainsKey(key))
        {
            return null;
        }

        await Slots.TakeAsync(cancellationToken);
        return Add(key);
    }

    /// <summary>Takes a run in hand that the runner has already, whether a slot is free or not.</summary>
    /// <returns>Null when this worker has the run already.</returns>
    public ActiveRun? Adopt(RunKey key)
    {
        Slots.TakeAnyway();
        return Add(key);
    }

    /// <summary>Finds a run in hand.</summary>
    public ActiveRun? Find(RunKey key) => _runs.GetValueOrDefault(key);

    /// <summary>Lets a run go and frees its slot.</summary>
    public void Release(ActiveRun run)
    {
        if (_runs.TryRemove(KeyValuePair.Create(run.Key, run)))
        {
            Slots.Free();
            run.Dispose();
        }
    }

    private ActiveRun? Add(RunKey key)
    {
        var run = new ActiveRun(key);
        if (_runs.TryAdd(key, run))
        {
            return run;
        }

        run.Dispose();
        Slots.Free();
        return null;
    }
}
