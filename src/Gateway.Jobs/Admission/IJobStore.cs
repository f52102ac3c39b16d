using Gateway.Contracts.Commands;

namespace Gateway.Jobs.Admission;

/// <summary>Where accepted jobs are kept. Implemented by Storage.</summary>
public interface IJobStore
{
    /// <summary>Stores job, request and command (if any) in one commit, or finds the job that the idempotency key names.</summary>
    /// <param name="newJob">The job.</param>
    /// <param name="command">The command that releases its first attempt; null when the dispatcher is to say when.</param>
    /// <param name="maxQueued">Most jobs that may wait.</param>
    /// <param name="cancellationToken">Ends the attempt to store.</param>
    /// <returns>What was done, and the job that now stands for the call (none when the queue is full).</returns>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    Task<(InsertOutcome Outcome, Guid JobId)> InsertAsync(NewJob newJob, RunClaudeRequest? command, int maxQueued, CancellationToken cancellationToken);
}
