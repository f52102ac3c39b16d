using Gateway.Jobs.Audit;
using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Administration;

/// <summary>What <see cref="JobAdministration"/> asks the store: the questions that no caller may ask. Implemented by Storage.</summary>
public interface IAdminStore
{
    /// <summary>Who owns a job; null for an unknown one.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<Caller?> FindOwnerAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Jobs of a tenant or of all, newest first; one more than the limit shows that there are more.</summary>
    /// <param name="tenant">The tenant; null for all.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<JobRecord>> ListAsync(string? tenant, JobFilter filter, CancellationToken cancellationToken);

    /// <summary>How the outbox does.</summary>
    /// <param name="now">What is due by then.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<OutboxFigures> ReadOutboxAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Dead letters in their order, parked ones included.</summary>
    /// <param name="after">Behind this one; 0 from the first on.</param>
    /// <param name="limit">Most of them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<DeadLetter>> ListDeadAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>One dead letter with its body; null when it is none.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<DeadLetter?> FindDeadAsync(long seq, CancellationToken cancellationToken);

    /// <summary>Sends it again under its old id; with the record of it, one commit.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when it is no dead letter.</returns>
    Task<bool> RedriveAsync(long seq, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>Sets it aside; with the record of it, one commit.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when it is no dead letter.</returns>
    Task<bool> ParkAsync(long seq, AuditRecord record, CancellationToken cancellationToken);
}
