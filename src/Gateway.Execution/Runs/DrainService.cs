using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// The first part of a stop, while the bus and the heartbeats still work: nothing new is taken, and what runs is either
/// left to the runner or brought to its end.
/// </summary>
internal sealed class DrainService(WorkerDrain drain, IOptions<WorkerOptions> options, IOptions<HostOptions> host) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        options.Value.Drain == DrainChoice.Evacuate ? drain.DrainAsync(cancellationToken) : drain.CloseAsync().WaitAsync(cancellationToken);

    /// <summary>Sees that a stop is given the time it may take. Not where the host is made: settings are judged after that, all at once.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        host.Value.ShutdownTimeout = options.Value.LongestStop;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
