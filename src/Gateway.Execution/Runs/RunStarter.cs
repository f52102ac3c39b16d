using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Runner;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>Takes a command to its start: a slot, the claim, the process. What follows is the supervisor's.</summary>
internal sealed partial class RunStarter(
    RunTable table,
    RunnerConnection connection,
    ControlPlane control,
    RunLauncher launcher,
    DirectoryKeeper directories,
    RunSupervisor supervisor,
    IHostApplicationLifetime lifetime,
    IOptions<WorkerOptions> options,
    TimeProvider clock,
    ILogger<RunStarter> logger)
{
    /// <summary>Waits for a slot and the runner, claims the run and starts it.</summary>
    /// <param name="request">The command.</param>
    /// <param name="cancellationToken">Gives up while nothing is claimed.</param>
    /// <exception cref="RequestTimeoutException">Nobody answered the claim: try again.</exception>
    /// <exception cref="RunnerException">The runner went away: try again.</exception>
    public async Task StartAsync(RunClaudeRequest request, CancellationToken cancellationToken)
    {
        // A stop waits for consumers, and these may wait for a slot as long as any run takes: the command is sent again at the next start.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        if (await TakeAsync(request, waiting.Token) is not { } run)
        {
            RunTwice(request.JobId, request.Attempt);
            return;
        }

        run.Scope = RunScope.Of(request);
        var handedOver = false;
        try
        {
            var attached = await connection.AttachedAsync(waiting.Token);
            handedOver = await ClaimAsync(run, request, attached, cancellationToken);
        }
        catch (Exception e) when (e.GetBaseException() is OperationCanceledException && !waiting.IsCancellationRequested)
        {
            // Nobody asked for an end, so it was the runner's. Said without the cancellation inside: the bus takes any fault that holds one,
            // of a delivery that goes on, for the consumer's refusal, and sets the command aside as an error instead of trying again.
            throw new RunnerException("The connection to the runner ended while a run was being started.");
        }
        finally
        {
            if (!handedOver)
            {
                table.Release(run);
            }
        }
    }

    private async Task<ActiveRun?> TakeAsync(RunClaudeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await table.TakeAsync(new RunKey(request.JobId, request.Attempt), cancellationToken);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            RunWaits(request.JobId, request.Attempt);
            throw;
        }
    }

    /// <returns>True when the run is the supervisor's.</returns>
    private async Task<bool> ClaimAsync(ActiveRun run, RunClaudeRequest request, Attached attached, CancellationToken cancellationToken)
    {
        var claim = Claim(request, attached.Runner);
        var sent = clock.GetTimestamp();
        var (granted, denied) = await control.ClaimAsync(claim, cancellationToken);
        var more = granted is null || attached.Runner.Has(run.Id) ? null : directories.MissingTurnOf(granted.Grant, request);
        if (more is not null)
        {
            // Its directory has another name beside the one that the job was taken in under, which only this disk tells. It is not among the
            // runs in hand yet: one that is gone before it has begun must not be told to be lost.
            sent = clock.GetTimestamp();
            (granted, denied) = await control.ClaimAsync(claim with { DirectoryTurn = more }, cancellationToken);
            ThrowIfUnheard(granted, more);
        }

        if (granted is not null)
        {
            await StartAsync(run, request, granted, attached, sent);
        }
        else if (more is not null && denied == RunDenied.Canceling)
        {
            supervisor.Begin(run, attached, new RunVerdict { Kind = RunVerdictKind.Canceled });
        }
        else
        {
            return false;
        }

        return true;
    }

    // Of several control planes one may be older than turns of directories: its answer is none.
    private static void ThrowIfUnheard(RunGranted? granted, string turn)
    {
        if (granted is not null && granted.Grant.DirectoryTurns?.Contains(turn) != true)
        {
            throw new RequestException("The claim was answered by a control plane that knows of no turns of directories.");
        }
    }

    private async Task StartAsync(ActiveRun run, RunClaudeRequest request, RunGranted granted, Attached attached, long sent)
    {
        run.Granted = true;
        if (!options.Value.Fits(granted.Lease))
        {
            LeaseTooShort(granted.Lease, options.Value.HeartbeatInterval, options.Value.RunnerMargin);
        }

        if (run.CancelAsked)
        {
            supervisor.Begin(run, attached, new RunVerdict { Kind = RunVerdictKind.Canceled });
            return;
        }

        using var span = ExecutionTelemetry.BeginRunStart(request);
        try
        {
            using var wanted = CancellationTokenSource.CreateLinkedTokenSource(attached.Closed, run.Dropped);
            var (spooled, note) = await launcher.LaunchAsync(
                request with { TraceParent = span?.Id ?? request.TraceParent }, granted.Grant, attached.Runner, Deadline, wanted.Token, attached.Closed);
            supervisor.Begin(run, attached, spooled, note, adopted: false);
            ExecutionTelemetry.RunStarted();
            if (spooled.StartedAt is { } startedAt)
            {
                _ = attached.Line(control, run).SendStartedAsync(startedAt, CancellationToken.None);
            }
        }
        catch (RunRefusedException e)
        {
            RunRefused(request.JobId, request.Attempt, e.Failure.Kind, e.Failure.Message);
            supervisor.Begin(run, attached, new RunVerdict { Kind = RunVerdictKind.Failed, Failure = e.Failure, ExitCode = e.ExitCode });
        }
        catch (Exception e) when (e is not RunnerException && !(e is OperationCanceledException && attached.Closed.IsCancellationRequested))
        {
            RunNotStarted(e, request.JobId, request.Attempt);
            supervisor.Begin(run, attached, new RunVerdict { Kind = RunVerdictKind.Failed, Failure = NotStarted });
        }

        TimeSpan Deadline() => granted.Lease - options.Value.RunnerMargin - clock.GetElapsedTime(sent);
    }

    private static RunFailure NotStarted => new()
    {
        Kind = FailureKinds.Internal,
        Message = "The run could not be prepared on the worker. Its log says why.",
        Retryable = true,
        Again = true,
    };

    private ClaimRun Claim(RunClaudeRequest request, IRunner runner) => new()
    {
        JobId = request.JobId,
        Attempt = request.Attempt,
        WorkerId = runner.WorkerId,
        Epoch = runner.Epoch,
        WorkerName = options.Value.Name,
    };

    [LoggerMessage(EventId = 3000, Level = LogLevel.Debug, Message = "{JobId}: attempt {Attempt} is in hand already; the command was dropped")]
    private partial void RunTwice(Guid jobId, int attempt);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} waited for a slot at the stop; its command is given back")]
    private partial void RunWaits(Guid jobId, int attempt);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} was not started: {Kind}: {Text}")]
    private partial void RunRefused(Guid jobId, int attempt, string kind, string text);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "{JobId}: attempt {Attempt} could not be prepared")]
    private partial void RunNotStarted(Exception fault, Guid jobId, int attempt);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "A lease of {Lease} does not hold three heartbeats of {Interval} and the margin of {Margin}: runs may be ended early")]
    private partial void LeaseTooShort(TimeSpan lease, TimeSpan interval, TimeSpan margin);
}
