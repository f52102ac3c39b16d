using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// The first part of a stop, while the bus and the heartbeats still work: nothing new is taken, and what runs is either
/// left to the runner or brought to its end.
/// </summary>
internal sealed partial class DrainService(
    EndpointPauser pauser, RunTable table, RunSupervisor supervisor, IOptions<WorkerOptions> options, IOptions<HostOptions> host, TimeProvider clock, ILogger<DrainService> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await pauser.CloseAsync().WaitAsync(cancellationToken);
        if (options.Value.Drain == DrainChoice.Evacuate)
        {
            await EvacuateAsync(cancellationToken);
        }
    }

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

    private async Task EvacuateAsync(CancellationToken cancellationToken)
    {
        var runs = table.All.Where(run => run.Granted).ToList();
        var done = Task.WhenAll(runs.Select(run => run.Work));
        DrainBegun(runs.Count, options.Value.SoftStop);
        try
        {
            await done.WaitAsync(options.Value.SoftStop, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            await Task.WhenAll(runs.Where(run => !run.Work.IsCompleted).Select(supervisor.InterruptAsync));
            await done.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(EventId = 3060, Level = LogLevel.Information, Message = "The worker is drained: {Runs} runs have {SoftStop} to end by themselves")]
    private partial void DrainBegun(int runs, TimeSpan softStop);
}
