using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>What a job that is being accepted changes in the conversations of its caller.</summary>
internal static class Conversations
{
    /// <summary>Makes the row of a conversation that begins, or counts the job into the one that it goes on with.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="newJob">The job.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when the session that was asked for is not there.</returns>
    public static async Task<bool> EnterAsync(GatewayDb db, NewJob newJob, CancellationToken cancellationToken)
    {
        var (job, choice) = (newJob.Job, newJob.Request.Conversation);
        if (choice is { Resumes: { } session, Forks: false })
        {
            // The first lock that is taken for the conversation, here and where a job of it ends.
            return await db.Sessions
                .Where(s => s.SessionId == session && s.Tenant == job.Tenant && s.Grant == job.Grant && s.Cli == job.Cli)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.JobCount, s => s.JobCount + 1).SetProperty(s => s.LastJobId, job.CorrelationId).SetProperty(s => s.LastUsedAtMs, job.CreatedAtMs),
                    cancellationToken) == 1;
        }

        var source = choice.Resumes is { } forked
            ? await db.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.SessionId == forked && s.Tenant == job.Tenant && s.Grant == job.Grant && s.Cli == job.Cli, cancellationToken)
            : null;
        if (choice.Resumes is not null && source is null)
        {
            return false;
        }

        if (choice.Keeps)
        {
            db.Sessions.Add(Begin(newJob, source));
        }

        return true;
    }

    private static SessionRow Begin(NewJob newJob, SessionRow? source) => new()
    {
        SessionId = newJob.Job.SessionId,
        Tenant = newJob.Job.Tenant,
        Grant = newJob.Job.Grant,
        Cli = newJob.Job.Cli,
        Workspace = newJob.Request.Workspace,
        WorkingDirectory = newJob.Request.WorkingDirectory,
        WorktreeJson = newJob.Request.Places?.Worktree is { } worktree ? JsonSerializer.Serialize(worktree, JobsJson.Default.RunWorktree) : null,
        CreatedAtMs = newJob.Job.CreatedAtMs,
        LastUsedAtMs = newJob.Job.CreatedAtMs,
        JobCount = 1,
        LastJobId = newJob.Job.CorrelationId,
        HeadJobId = source?.HeadJobId,
        HeadAttempt = source?.HeadAttempt ?? 0,
        HeadBytes = source?.HeadBytes ?? 0,
    };
}
