using Gateway.Processes.Runner;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>One attach to the process that owns the CLIs: <see cref="RunnerClient"/>, or a stand-in of the tests.</summary>
internal interface IRunner : IAsyncDisposable
{
    /// <summary>The worker: belongs to the runner's folder.</summary>
    Guid WorkerId { get; }

    /// <summary>Number of this attach.</summary>
    long Epoch { get; }

    /// <summary>What ends a process tree on this machine.</summary>
    string Containment { get; }

    /// <summary>All runs that are not released.</summary>
    IReadOnlyList<SpooledRun> Runs { get; }

    /// <summary>Whether a run is there already.</summary>
    bool Has(RunId run) => Runs.Any(one => one.Id == run);

    /// <summary>Completes when the connection is gone.</summary>
    Task Closed { get; }

    /// <summary>Starts a run, or gives the one that has this id.</summary>
    Task<SpooledRun> StartAsync(StartRun run, CancellationToken cancellationToken);

    /// <summary>Moves the deadline of runs.</summary>
    Task RenewAsync(IReadOnlyList<RunId> runs, TimeSpan fromNow, CancellationToken cancellationToken);

    /// <summary>Asks a run to stop.</summary>
    Task StopAsync(RunId run, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Removes a finished run.</summary>
    Task ReleaseAsync(RunId run, CancellationToken cancellationToken);
}

/// <summary>Attaches to the runner.</summary>
/// <param name="cancellationToken">Gives up.</param>
/// <exception cref="RunnerException">It cannot be reached.</exception>
internal delegate Task<IRunner> AttachRunner(CancellationToken cancellationToken);
