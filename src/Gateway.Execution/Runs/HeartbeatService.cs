using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Execution.Surveys;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>Says at fixed times that this worker lives and what it has, and does what it is answered.</summary>
internal sealed partial class HeartbeatService(
    RunnerConnection connection,
    RunTable table,
    WorkerDrain drain,
    RunSupervisor supervisor,
    CliSurvey clis,
    WorkspaceSurvey survey,
    ControlPlane control,
    IOptions<WorkerOptions> options,
    TimeProvider clock,
    ILogger<HeartbeatService> logger) : BackgroundService
{
    private bool _drainIsSaid;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.HeartbeatInterval, clock);
        do
        {
            var attached = await connection.AttachedAsync(stoppingToken);
            try
            {
                await BeatAsync(attached, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Leases are not renewed then; the next beat is the repetition.
                HeartbeatLost(e.GetType().Name, e.Message);
            }
        }
        while (await NextAsync(timer, stoppingToken));
    }

    // A drain is said at once: until then the control plane counts on slots that nobody fills.
    private async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        if (_drainIsSaid)
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }

        using var next = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Begun);
        try
        {
            return await timer.WaitForNextTickAsync(next.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task BeatAsync(Attached attached, CancellationToken cancellationToken)
    {
        var sent = clock.GetTimestamp();
        var answer = await control.SendHeartbeatAsync(Beat(attached), cancellationToken);
        if (answer.Renewed.Count > 0)
        {
            // Counted from when it was sent: the control plane's lease cannot end before that.
            var deadline = answer.Lease - options.Value.RunnerMargin - clock.GetElapsedTime(sent);
            await attached.Runner.RenewAsync([.. answer.Renewed.Select(key => new RunId(key.JobId, key.Attempt))], deadline, cancellationToken);
        }

        foreach (var key in answer.Fenced)
        {
            table.Find(key)?.Drop();
        }

        foreach (var key in answer.Cancel)
        {
            await supervisor.CancelAsync(key);
        }
    }

    private WorkerHeartbeat Beat(Attached attached)
    {
        _drainIsSaid = drain.HasBegun;
        IReadOnlyList<RunKey> runs = [.. table.All.Where(run => run.Granted).Select(run => run.Key)];
        return new()
        {
            WorkerId = attached.Runner.WorkerId,
            Epoch = attached.Runner.Epoch,
            WorkerName = options.Value.Name,
            SentAt = clock.GetUtcNow(),
            Slots = _drainIsSaid ? runs.Count : options.Value.Slots,
            Pool = options.Value.Pool,
            Runs = runs,
            Clis = clis.TakeNews(),
            Workspaces = survey.TakeNews(),
            Settled = clock.GetElapsedTime(attached.Since) >= 2 * options.Value.HeartbeatInterval,
        };
    }

    [LoggerMessage(EventId = 3050, Level = LogLevel.Warning, Message = "A heartbeat was not answered: {Fault}: {Text}")]
    private partial void HeartbeatLost(string fault, string text);
}
