using Gateway.Processes.Runner;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>The real runner behind <see cref="IRunner"/>.</summary>
internal sealed class AttachedRunner(RunnerClient client) : IRunner
{
    public Guid WorkerId => client.WorkerId;

    public long Epoch => client.Epoch;

    public string Containment => client.Info.Containment;

    public IReadOnlyList<SpooledRun> Runs => client.Runs;

    public Task Closed => client.Closed;

    public Task<SpooledRun> StartAsync(StartRun run, CancellationToken cancellationToken) => client.StartAsync(run, cancellationToken);

    public Task RenewAsync(IReadOnlyList<RunId> runs, TimeSpan fromNow, CancellationToken cancellationToken) =>
        client.RenewAsync(runs, fromNow, cancellationToken);

    public Task StopAsync(RunId run, TimeSpan grace, CancellationToken cancellationToken) => client.StopAsync(run, grace, cancellationToken);

    public Task ReleaseAsync(RunId run, CancellationToken cancellationToken) => client.ReleaseAsync(run, cancellationToken);

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
