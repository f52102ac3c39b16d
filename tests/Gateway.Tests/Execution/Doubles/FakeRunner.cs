using System.Collections.Concurrent;
using Gateway.Execution.Runs;
using Gateway.Processes.Runner;
using Gateway.Processes.Spool;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>A runner without processes: a test writes what a run prints and says how it ends.</summary>
internal sealed class FakeRunner : IRunner
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder;
    private readonly ConcurrentDictionary<RunId, FakeRun> _runs;

    public FakeRunner(string folder, FakeRunner? before = null)
    {
        _folder = folder;
        WorkerId = before?.WorkerId ?? Guid.NewGuid();
        Epoch = (before?.Epoch ?? 0) + 1;
        _runs = before?._runs ?? new();
        OnStart = before?.OnStart ?? (_ => { });
    }

    public Guid WorkerId { get; }

    public long Epoch { get; }

    public string Containment => "sweep";

    public IReadOnlyList<SpooledRun> Runs => [.. _runs.Values.Where(run => !run.Released).Select(run => run.Spooled)];

    public Task Closed => _closed.Task;

    /// <summary>Called when a run is started, each id once.</summary>
    public Action<FakeRun> OnStart { get; set; }

    public ConcurrentQueue<(RunId Id, TimeSpan Grace)> Stops { get; } = [];

    public ConcurrentQueue<(RunId Id, TimeSpan FromNow)> Renewals { get; } = [];

    public ConcurrentQueue<RunId> Releases { get; } = [];

    /// <summary>Done before a run is started; ends with the worker's patience.</summary>
    public Func<CancellationToken, Task> BeforeStart { get; set; } = _ => Task.CompletedTask;

    /// <summary>The worker hears no more of this runner once a run is released, as if it had crashed then.</summary>
    public bool BreaksAfterRelease { get; set; }

    public FakeRun Run(RunId id) => _runs[id];

    public void Close() => _closed.TrySetResult();

    /// <summary>Forgets a run, as a runner does whose machine went down.</summary>
    public void Lose(RunId id) => _runs.TryRemove(id, out _);

    public async Task<SpooledRun> StartAsync(StartRun run, CancellationToken cancellationToken)
    {
        await BeforeStart(cancellationToken);
        var made = false;
        var one = _runs.GetOrAdd(run.Id, _ =>
        {
            made = true;
            return new FakeRun(Path.Combine(_folder, run.Id.FolderName), run);
        });
        if (made)
        {
            OnStart(one);
        }

        return one.Spooled;
    }

    public Task RenewAsync(IReadOnlyList<RunId> runs, TimeSpan fromNow, CancellationToken cancellationToken)
    {
        foreach (var id in runs)
        {
            Renewals.Enqueue((id, fromNow));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(RunId run, TimeSpan grace, CancellationToken cancellationToken)
    {
        Stops.Enqueue((run, grace));
        if (_runs.TryGetValue(run, out var one) && one.Spooled.End is null)
        {
            one.End(RunEndReason.Stopped, 143);
        }

        return Task.CompletedTask;
    }

    public Task ReleaseAsync(RunId run, CancellationToken cancellationToken)
    {
        if (_runs.TryGetValue(run, out var one))
        {
            one.Released = true;
        }

        Releases.Enqueue(run);
        return BreaksAfterRelease ? Task.FromException(new RunnerException("gone")) : Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
