using Gateway.Contracts.Commands;
using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Admission;

/// <summary>Where accepted jobs are kept. Implemented by Storage.</summary>
public interface IJobStore
{
    /// <summary>Stores job, request and command in one commit, or finds the job that the idempotency key names.</summary>
    /// <param name="newJob">The job.</param>
    /// <param name="command">The command that releases its first attempt.</param>
    /// <param name="maxQueued">Most jobs that may wait.</param>
    /// <param name="cancellationToken">Ends the attempt to store.</param>
    /// <returns>What was done, and the job that now stands for the call (none when the queue is full).</returns>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    Task<(InsertOutcome Outcome, Guid JobId)> InsertAsync(NewJob newJob, RunClaudeRequest command, int maxQueued, CancellationToken cancellationToken);

    /// <summary>
    /// Sends again the command of each job that waits without one, with the same attempt number: of two, the claim denies
    /// the second. Meant for a store whose commands stay until they are consumed.
    /// </summary>
    /// <param name="queuedBefore">Jobs that were due by then and are not claimed.</param>
    /// <param name="commandOf">Makes the command.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>How many were sent.</returns>
    Task<int> ReleaseAgainAsync(DateTimeOffset queuedBefore, Func<Job, RunClaudeRequest> commandOf, CancellationToken cancellationToken);
}
