using Gateway.Contracts.Commands;

namespace Gateway.Jobs.Admission;

/// <summary>Where accepted jobs are kept. Implemented by Storage.</summary>
public interface IJobStore
{
    /// <summary>
    /// Stores job, request, command (if any), counters and audit record in one commit, or finds the job that the idempotency key
    /// names: such a call counts nowhere. A refusal leaves nothing behind; its record is the caller's to write.
    /// </summary>
    /// <param name="newJob">The job.</param>
    /// <param name="terms">What was judged of the call.</param>
    /// <param name="command">The command that releases its first attempt; null when the dispatcher is to say when.</param>
    /// <param name="maxQueued">Most jobs that may wait.</param>
    /// <param name="cancellationToken">Ends the attempt to store.</param>
    /// <exception cref="StoreUnavailableException">Nothing was stored.</exception>
    Task<InsertResult> InsertAsync(NewJob newJob, AdmissionTerms terms, RunClaudeRequest? command, int maxQueued, CancellationToken cancellationToken);
}
