using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Administration;

/// <summary>
/// What an operator asks and does, over all tenants. It acts on a job in the name of its owner, by the same ways as the owner: nothing can
/// be done here to a job that its owner could not do.
/// </summary>
public sealed class JobAdministration(IAdminStore store, JobReader reader, JobCancellation cancellation, IOutputStore output, TimeProvider clock)
{
    private static readonly Caller Nobody = new("", "");

    /// <summary>The store's own questions.</summary>
    public IAdminStore Store => store;

    /// <summary>Who owns a job; null for an unknown one.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<Caller?> FindOwnerAsync(Guid jobId, CancellationToken cancellationToken) => store.FindOwnerAsync(jobId, cancellationToken);

    /// <summary>A page of jobs with their owners, without previews of prompts.</summary>
    /// <param name="tenant">The tenant; null for all.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<JobView>> ListAsync(string? tenant, JobFilter filter, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var records = await store.ListAsync(tenant, filter, cancellationToken);
        return [.. records.Take(filter.Limit).Select(record => JobViews.Of(record, now) with { Owner = Word(new Caller(record.Job.Tenant, record.Job.Grant)) })];
    }

    /// <summary>One job with its events, after a wait for news of at most <paramref name="wait"/>; null for an unknown one.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">Which events.</param>
    /// <param name="wait">Zero answers at once.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<JobView?> FindAsync(Guid jobId, ProgressQuery progress, TimeSpan wait, CancellationToken cancellationToken) =>
        await store.FindOwnerAsync(jobId, cancellationToken) is { } owner
        && await reader.WaitAsync(owner, jobId, progress, untilFinal: false, wait, cancellationToken) is { } view
            ? view with { Owner = Word(owner) }
            : null;

    /// <summary>Stored bytes of a stream of the job's newest attempt; null for an unknown job.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="stream">Which stream.</param>
    /// <param name="offset">From this byte on.</param>
    /// <param name="maxBytes">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The bytes, the attempt, and whether nothing comes after them.</returns>
    public async Task<(byte[] Bytes, int Attempt, bool IsEnd)?> ReadOutputAsync(Guid jobId, OutputStream stream, long offset, int maxBytes, CancellationToken cancellationToken)
    {
        if (await store.FindOwnerAsync(jobId, cancellationToken) is not { } owner
            || await reader.FindOutputAsync(owner, jobId, null, cancellationToken) is not { } snapshot)
        {
            return null;
        }

        var length = snapshot.LengthBytes.GetValueOrDefault(stream);
        var wanted = (int)Math.Clamp(length - offset, 0, maxBytes);
        var bytes = wanted == 0 ? [] : await output.ReadAsync(jobId, snapshot.Attempt, stream, offset, wanted, cancellationToken);
        return (bytes, snapshot.Attempt, snapshot.Ended && offset + bytes.Length >= length);
    }

    /// <summary>Asks for the end of a job; null for an unknown one.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="reason">For the audit.</param>
    /// <param name="cancellationToken">Ends the waiting, not the cancel.</param>
    public async Task<CancelOutcome?> CancelAsync(Guid jobId, string? reason, CancellationToken cancellationToken) =>
        await store.FindOwnerAsync(jobId, cancellationToken) is { } owner ? await cancellation.CancelAsync(owner, jobId, reason, cancellationToken) : null;

    /// <summary>Queue, workers and outbox of everybody.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(HealthView Health, OutboxFigures Outbox)> ReadStatusAsync(CancellationToken cancellationToken) =>
        (await reader.ReadHealthAsync(Nobody, cancellationToken), await store.ReadOutboxAsync(clock.GetUtcNow(), cancellationToken));

    private static string Word(Caller owner) => $"{owner.Tenant}/{owner.Grant}";
}
