using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Runner;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Sees every run that this worker has in hand to its end: its output and outcome stored, its traces removed, its slot
/// free. Where the connection to the runner ends, the run goes on there and is adopted by the next one.
/// </summary>
internal sealed partial class RunSupervisor(
    RunTable table,
    RunNotes notes,
    RunKeys keys,
    ProviderSet providers,
    ControlPlane control,
    DirectoryKeeper directories,
    WorktreeReader worktrees,
    IOptions<WorkerOptions> options,
    TimeProvider clock,
    ILogger<RunSupervisor> logger)
{
    /// <summary>Sees a run that the runner has to its end, in the background.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attached">The connection to the runner that has it.</param>
    /// <param name="spooled">The run as the runner shows it.</param>
    /// <param name="note">What is known of it.</param>
    /// <param name="adopted">An earlier connection may have sent a part of it.</param>
    public void Begin(ActiveRun run, Attached attached, SpooledRun spooled, RunNote note, bool adopted)
    {
        run.Granted = true;
        run.Work = Task.Run(() => SeeAsync(run, attached, spooled, working => DeliverAsync(run, attached, spooled, note, adopted, working)), CancellationToken.None);
        if (run.Started(attached.Runner))
        {
            _ = StopAsync(run, attached.Runner);
        }
    }

    /// <summary>Reports a run of which nothing was started, or nothing is left.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attached">The connection to the runner.</param>
    /// <param name="verdict">How it went.</param>
    public void Begin(ActiveRun run, Attached attached, RunVerdict verdict)
    {
        run.Granted = true;
        var result = new RunResult { EndedAt = clock.GetUtcNow(), ExitCode = verdict.ExitCode, Streams = [] };
        run.Work = Task.Run(
            () => SeeAsync(run, attached, null, working => OutcomeAsync(attached.Line(control, run), verdict, result, working)), CancellationToken.None);
    }

    /// <summary>Stops a run because a cancel was asked; unknown ones are not this worker's.</summary>
    /// <param name="key">The run.</param>
    public async Task CancelAsync(RunKey key)
    {
        if (table.Find(key) is not { } run)
        {
            return;
        }

        using var scope = logger.BeginScope(run.Scope);

        // Before the stop signal: after a restart only this tells a canceled run from a lost one.
        try
        {
            notes.MarkCanceled(key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep a run alive; the control plane knows of the cancel by itself.
            CancelNotMarked(key.JobId, key.Attempt, e.GetType().Name);
        }

        if (run.AskCancel() is { } runner)
        {
            await StopAsync(run, runner);
        }
    }

    /// <summary>Stops a run because the worker goes; another one goes on with the job.</summary>
    /// <param name="run">The run.</param>
    public async Task InterruptAsync(ActiveRun run)
    {
        if (run.Runner is not { } runner)
        {
            // Not started: it ends by itself.
            return;
        }

        using var scope = logger.BeginScope(run.Scope);
        try
        {
            notes.MarkInterrupted(run.Key);
            await StopAsync(run, runner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the mark it would be reported as lost; left to the runner it is not.
            RunNotInterrupted(run.Key.JobId, run.Key.Attempt, e.GetType().Name);
        }
    }

    private async Task StopAsync(ActiveRun run, IRunner runner)
    {
        try
        {
            await runner.StopAsync(run.Id, options.Value.CancelGrace, CancellationToken.None);
            RunStopped(run.Key.JobId, run.Key.Attempt);
        }
        catch (RunnerException e)
        {
            // The next heartbeat's answer asks again, through the connection of then.
            RunNotStopped(run.Key.JobId, run.Key.Attempt, e.Message);
        }
    }

    private async Task SeeAsync(ActiveRun run, Attached attached, SpooledRun? spooled, Func<CancellationToken, Task> work)
    {
        try
        {
            await UnlessDroppedAsync(run, attached, work);
            if (spooled is { End: null })
            {
                await attached.Runner.StopAsync(run.Id, TimeSpan.Zero, attached.Closed);
                await spooled.WaitForChangeAsync(long.MaxValue, long.MaxValue, attached.Closed);
            }

            table.Release(run);
            await CleanAsync(run, attached, spooled);
        }
        catch (OperationCanceledException) when (attached.Closed.IsCancellationRequested)
        {
            RunLeft(run.Key.JobId, run.Key.Attempt);
        }
        catch (RunnerException e)
        {
            RunLeftBecause(run.Key.JobId, run.Key.Attempt, e.Message);
        }
        catch (Exception e)
        {
            // Not renewed any more, so the runner ends it and its lease runs out: another attempt takes its place.
            RunBroken(e, run.Key.JobId, run.Key.Attempt);
        }
        finally
        {
            table.Release(run);
        }
    }

    private async Task UnlessDroppedAsync(ActiveRun run, Attached attached, Func<CancellationToken, Task> work)
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(attached.Closed, run.Dropped);
        try
        {
            await work(working.Token);
        }
        catch (OperationCanceledException) when (run.Dropped.IsCancellationRequested && !attached.Closed.IsCancellationRequested)
        {
            RunDropped(run.Key.JobId, run.Key.Attempt);
        }
    }

    private async Task DeliverAsync(
        ActiveRun run, Attached attached, SpooledRun spooled, RunNote note, bool adopted, CancellationToken cancellationToken)
    {
        var line = attached.Line(control, run);
        var mask = await keys.MaskOfAsync(run.Key, note, cancellationToken);
        for (var round = 0; ; round++)
        {
            var pump = new RunPump(spooled, note, providers.Of(note.Provider), line, mask, options.Value.OutputCapBytes, token => ChangeOfAsync(run.Key, note, token), clock);
            if (await pump.PumpAsync(adopted || round > 0, cancellationToken) is { } pumped)
            {
                var verdict = OutcomeJudge.Judge(pumped.End, pumped.Report, note, run.CancelAsked || notes.WasCanceled(run.Key), notes.WasInterrupted(run.Key));
                var receipt = await line.SendAsync(verdict, pumped.ToResult(verdict), cancellationToken);
                if (receipt.OutcomeStored || receipt.Fenced)
                {
                    ExecutionTelemetry.RunEnded(verdict);
                    RunEnded(run.Key.JobId, run.Key.Attempt, verdict.Kind, verdict.Failure?.Kind, verdict.ExitCode);
                    return;
                }
            }

            // The control plane lacks something: it is asked what it has, and all else is sent again.
            await control.PauseAsync(round, cancellationToken);
        }
    }

    private async Task<(WorktreeChange Change, byte[] Diff)?> ChangeOfAsync(RunKey key, RunNote note, CancellationToken cancellationToken) =>
        note.Worktree is { } tree ? await worktrees.ReadAsync(key.JobId, tree, cancellationToken) : null;

    private async Task OutcomeAsync(RunLine line, RunVerdict verdict, RunResult result, CancellationToken cancellationToken)
    {
        for (var round = 0; ; round++)
        {
            var receipt = await line.SendAsync(verdict, result, cancellationToken);
            if (receipt.OutcomeStored || receipt.Fenced)
            {
                ExecutionTelemetry.RunEnded(verdict);
                return;
            }

            await control.PauseAsync(round, cancellationToken);
        }
    }

    private async Task CleanAsync(ActiveRun run, Attached attached, SpooledRun? spooled)
    {
        var workOfSession = notes.Read(run.Key)?.WorkOfSession;
        if (spooled is not null)
        {
            await attached.Runner.ReleaseAsync(run.Id, attached.Closed);
        }

        notes.Remove(run.Key);
        keys.Forget(run.Key);
        if (workOfSession is { } session)
        {
            directories.Leave(session, run.Key.JobId);
        }

        if (run.JobEnded)
        {
            directories.Remove(run.Key.JobId);
        }
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} ended: {Verdict} {FailureKind}, exit code {ExitCode}")]
    private partial void RunEnded(Guid jobId, int attempt, RunVerdictKind verdict, string? failureKind, int? exitCode);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} was asked to stop")]
    private partial void RunStopped(Guid jobId, int attempt);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{JobId}: attempt {Attempt} could not be asked to stop: {Fault}")]
    private partial void RunNotStopped(Guid jobId, int attempt, string fault);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} was left to the runner")]
    private partial void RunLeft(Guid jobId, int attempt);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Warning, Message = "{JobId}: attempt {Attempt} was left to the runner: {Fault}")]
    private partial void RunLeftBecause(Guid jobId, int attempt, string fault);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Error, Message = "{JobId}: attempt {Attempt} could not be seen to its end")]
    private partial void RunBroken(Exception fault, Guid jobId, int attempt);

    [LoggerMessage(EventId = 3017, Level = LogLevel.Warning, Message = "{JobId}: the cancel of attempt {Attempt} could not be marked: {Fault}")]
    private partial void CancelNotMarked(Guid jobId, int attempt, string fault);

    [LoggerMessage(EventId = 3018, Level = LogLevel.Warning, Message = "{JobId}: attempt {Attempt} could not be marked as interrupted and is left to the runner: {Fault}")]
    private partial void RunNotInterrupted(Guid jobId, int attempt, string fault);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Information, Message = "{JobId}: attempt {Attempt} was no longer wanted and is ended")]
    private partial void RunDropped(Guid jobId, int attempt);
}
