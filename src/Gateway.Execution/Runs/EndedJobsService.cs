using Gateway.Contracts.Commands;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Removes what this worker keeps for jobs that have ended without it: canceled between two attempts, lost with their last
/// lease, finished by another worker, or finished here just before a crash. Only the control plane knows, so it is asked.
/// </summary>
internal sealed partial class EndedJobsService(
    RunnerConnection connection,
    RunTable table,
    RunNotes notes,
    DirectoryKeeper directories,
    Worktrees worktrees,
    ControlPlane control,
    IOptions<WorkerOptions> options,
    TimeProvider clock,
    ILogger<EndedJobsService> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CleanUpInterval, clock);
        do
        {
            // Not before that: only then is it known which runs of an earlier process go on.
            var attached = await connection.AttachedAsync(stoppingToken);
            try
            {
                await CleanUpAsync(attached.Runner, stoppingToken);
                await CleanUpSessionsAsync(stoppingToken);
                await RemoveWorktreesAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NotCleanedUp(e.GetType().Name, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CleanUpAsync(IRunner runner, CancellationToken cancellationToken)
    {
        var kept = directories.Jobs().Union(notes.Jobs()).Except(InHand(runner)).ToList();
        foreach (var some in kept.Chunk(FindEndedJobs.MostJobs))
        {
            var ended = await control.FindEndedAsync(some, [], cancellationToken);

            // A job that has ended gets no new run, but one that was granted before may just have been taken in hand.
            foreach (var jobId in ended.JobIds.Except(InHand(runner)))
            {
                notes.Remove(jobId);
                if (directories.Remove(jobId))
                {
                    TracesRemoved(jobId);
                }
            }
        }
    }

    // A session goes when none of its jobs is open, and nobody can begin one then.
    private async Task CleanUpSessionsAsync(CancellationToken cancellationToken)
    {
        foreach (var some in directories.Sessions.Ids().Chunk(FindEndedJobs.MostJobs))
        {
            foreach (var sessionId in (await control.FindEndedAsync([], some, cancellationToken)).SessionIds.Intersect(some))
            {
                directories.Sessions.Remove(sessionId);
            }
        }
    }

    // A worktree lives as long as its conversation, on this worker or none. One that a run is just being started in belongs to an open job.
    private async Task RemoveWorktreesAsync(CancellationToken cancellationToken)
    {
        foreach (var some in worktrees.Sessions().Chunk(FindEndedJobs.MostJobs))
        {
            foreach (var session in (await control.FindEndedAsync([], some, cancellationToken)).SessionIds.Intersect(some))
            {
                await worktrees.RemoveAsync(session, cancellationToken);
            }
        }
    }

    // Runs are seen to their end by the supervisor, or by the next process that adopts them; either cleans up after them.
    private IEnumerable<Guid> InHand(IRunner runner) =>
        table.All.Select(run => run.Key.JobId).Concat(runner.Runs.Select(run => run.Id.JobId));

    [LoggerMessage(EventId = 3080, Level = LogLevel.Information, Message = "{JobId}: has ended without this worker; its directories were removed")]
    private partial void TracesRemoved(Guid jobId);

    [LoggerMessage(EventId = 3081, Level = LogLevel.Warning, Message = "What jobs left here could not be cleaned up: {Fault}: {Text}")]
    private partial void NotCleanedUp(string fault, string text);
}
