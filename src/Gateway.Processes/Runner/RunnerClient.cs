using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>A worker's connection to its runner. The runs go on when it is disposed. Safe for use by many threads.</summary>
public sealed class RunnerClient : IAsyncDisposable
{
    private RunnerClient(RunnerInfo info) => Info = info;

    /// <summary>Which runner answered.</summary>
    public RunnerInfo Info { get; }

    /// <summary>Identity of the runner's folder, and by it of the worker.</summary>
    public Guid WorkerId { get; }

    /// <summary>Number of this attach; only the newest is served.</summary>
    public long Epoch { get; }

    /// <summary>All runs in the spool that are not released, finished ones included.</summary>
    public IReadOnlyList<SpooledRun> Runs => [];

    /// <summary>Completes (never faults) when the connection is gone: runner ended, or a newer worker attached. The caller attaches again.</summary>
    public Task Closed { get; } = Task.CompletedTask;

    /// <summary>Starts the runner if none is there, attaches to it and raises the epoch.</summary>
    /// <exception cref="RunnerException">It cannot be started or reached, or speaks another version.</exception>
    public static Task<RunnerClient> AttachAsync(RunnerOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken) =>
        throw new RunnerException("The runner is not built yet.");

    /// <summary>Starts a run, or gives the run that has this id already, finished or not.</summary>
    /// <exception cref="ArgumentException">A text holds NUL, a path is not absolute, or a size is out of range.</exception>
    /// <exception cref="RunnerException">The connection is gone; whether the run was started is unknown: attach and look.</exception>
    public Task<SpooledRun> StartAsync(StartRun run, CancellationToken cancellationToken) =>
        throw new RunnerException("The runner is not built yet.");

    /// <summary>Moves the deadline of these runs to <paramref name="fromNow"/>; unknown and finished ones are ignored.</summary>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public Task RenewAsync(IReadOnlyList<RunId> runs, TimeSpan fromNow, CancellationToken cancellationToken) =>
        throw new RunnerException("The runner is not built yet.");

    /// <summary>Asks a run to stop: signal to the program, <paramref name="grace"/>, kill of the tree. Returns when the runner has taken the order; the end comes through the run.</summary>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public Task StopAsync(RunId run, TimeSpan grace, CancellationToken cancellationToken) =>
        throw new RunnerException("The runner is not built yet.");

    /// <summary>Removes a finished run's folder; an unknown one is fine.</summary>
    /// <exception cref="RunnerException">The connection is gone, or the run is not finished.</exception>
    public Task ReleaseAsync(RunId run, CancellationToken cancellationToken) =>
        throw new RunnerException("The runner is not built yet.");

    /// <summary>Lets the connection go; the runs go on until their deadline.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
