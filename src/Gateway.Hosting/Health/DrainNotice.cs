using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Health;

/// <summary>Between "not ready" and the end of the listener there is time for a load balancer to notice.</summary>
internal sealed class DrainNotice(IOptions<HealthOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything is stopped: all hosted services pass this step first.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Where the stop was not asked for by a signal, the host says so only after this step.
        lifetime.StopApplication();
        return options.Value.DrainNotice > TimeSpan.Zero ? Task.Delay(options.Value.DrainNotice, clock, cancellationToken) : Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
