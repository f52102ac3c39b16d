using Gateway.Contracts.Values;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Execution.Runs;

/// <summary>
/// Keeps this worker attached to its runner, adopts what the runner has, and reports what it no longer has. Runs are
/// never stopped by it: a worker that ends leaves them to the runner, and its successor takes them up.
/// </summary>
internal sealed partial class RunnerConnection(
    AttachRunner attach,
    RunTable table,
    RunNotes notes,
    RunSupervisor supervisor,
    IReceiveEndpointConnector endpoints,
    WorkerStatus status,
    TimeProvider clock,
    ILogger<RunnerConnection> logger) : BackgroundService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly HashSet<Guid> _listening = [];
    private volatile TaskCompletionSource<Attached> _attached = NewSignal();

    /// <summary>Waits for the connection of now.</summary>
    public Task<Attached> AttachedAsync(CancellationToken cancellationToken) => _attached.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IReadOnlyList<RunKey> held = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var runner = await attach(stoppingToken);
                held = await ServeAsync(runner, held, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                RunnerNotReached(e.Message);
                await Task.Delay(BetweenTries, clock, stoppingToken);
            }
        }
    }

    private async Task<IReadOnlyList<RunKey>> ServeAsync(IRunner runner, IReadOnlyList<RunKey> held, CancellationToken stoppingToken)
    {
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var attached = new Attached(runner, clock.GetTimestamp(), closed.Token);
        await ListenAsync(runner.WorkerId, stoppingToken);
        Adopt(attached, held);
        status.Containment = runner.Containment;
        RunnerAttached(runner.WorkerId, runner.Epoch, runner.Containment);
        _attached.SetResult(attached);
        try
        {
            await runner.Closed.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The worker stops; the runs stay where they are.
        }

        _attached = NewSignal();
        status.Containment = null;
        var running = table.All.Where(run => run.Granted).ToList();
        await closed.CancelAsync();
        await Task.WhenAll(running.Select(run => run.Work));
        return [.. running.Select(run => run.Key)];
    }

    private void Adopt(Attached attached, IReadOnlyList<RunKey> held)
    {
        var there = attached.Runner.Runs.Select(spooled => (Key: new RunKey(spooled.Id.JobId, spooled.Id.Attempt), Spooled: spooled)).ToList();
        foreach (var (key, spooled) in there)
        {
            if (table.Adopt(key) is { } run)
            {
                var note = notes.Read(key);
                run.Scope = RunScope.Of(key, note);
                using var scope = logger.BeginScope(run.Scope);
                RunAdopted(key.JobId, key.Attempt, spooled.End is not null);
                supervisor.Begin(run, attached, spooled, note ?? Unknown, adopted: true);
            }
        }

        foreach (var key in held.Except(there.Select(one => one.Key)))
        {
            if (table.Adopt(key) is { } run)
            {
                run.Scope = RunScope.Of(key, notes.Read(key));
                using var scope = logger.BeginScope(run.Scope);
                RunGone(key.JobId, key.Attempt);
                supervisor.Begin(run, attached, new RunVerdict { Kind = notes.WasCanceled(key) ? RunVerdictKind.Canceled : RunVerdictKind.Lost });
            }
        }
    }

    // The worker's own queue has its id in its name, which is known only now.
    private async Task ListenAsync(Guid workerId, CancellationToken cancellationToken)
    {
        if (_listening.Add(workerId))
        {
            var handle = endpoints.ConnectReceiveEndpoint(
                new WorkerEndpoint(workerId),
                DefaultEndpointNameFormatter.Instance,
                (context, endpoint) => endpoint.ConfigureConsumer<CancelRunConsumer>(context));
            await handle.Ready.WaitAsync(cancellationToken);
        }
    }

    private static RunNote Unknown => new()
    {
        Provider = AgentClis.Claude,
        SessionId = Guid.Empty,
        CredentialName = "unknown",
        ConfigDirectory = "/nonexistent",
    };

    private static TaskCompletionSource<Attached> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(EventId = 3040, Level = LogLevel.Information, Message = "Worker {WorkerId} attached to its runner, epoch {Epoch}, containment {Containment}")]
    private partial void RunnerAttached(Guid workerId, long epoch, string containment);

    [LoggerMessage(EventId = 3041, Level = LogLevel.Error, Message = "The runner could not be reached: {Fault}")]
    private partial void RunnerNotReached(string fault);

    [LoggerMessage(EventId = 3042, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} was adopted, ended {Ended}")]
    private partial void RunAdopted(Guid jobId, int attempt, bool ended);

    [LoggerMessage(EventId = 3043, Level = LogLevel.Warning, Message = "{JobId}: attempt {Attempt} went with its runner")]
    private partial void RunGone(Guid jobId, int attempt);
}
