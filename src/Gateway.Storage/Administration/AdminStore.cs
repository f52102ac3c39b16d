using Gateway.Jobs;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Audit;
using Gateway.Storage.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Administration;

/// <summary>The operator's questions. They are rare, so that they are neither compiled ahead nor tried again.</summary>
internal sealed class AdminStore(IDbContextFactory<GatewayDb> contexts, IServiceScopeFactory scopes, IWriteGate gate, IStoreClock time) : IAdminStore
{
    public Task<Caller?> FindOwnerAsync(Guid jobId, CancellationToken cancellationToken) => ReadAsync(
        async db => await db.Jobs.AsNoTracking().Where(j => j.CorrelationId == jobId).Select(j => new { j.Tenant, j.Grant }).FirstOrDefaultAsync(cancellationToken) is { } row
            ? new Caller(row.Tenant, row.Grant)
            : (Caller?)null,
        cancellationToken);

    public Task<IReadOnlyList<JobRecord>> ListAsync(string? tenant, JobFilter filter, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<JobRecord>>(async db =>
    {
        var jobs = db.Jobs.AsNoTracking().Where(j => tenant == null || j.Tenant == tenant);
        var rows = await JobFilters.Apply(jobs, filter)
            .OrderByDescending(j => j.CreatedAtMs).ThenByDescending(j => j.CorrelationId).Take(filter.Limit + 1)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(job => new JobRecord(job, 0, 0, 0, job.CurrentState, null))];
    }, cancellationToken);

    public Task<OutboxFigures> ReadOutboxAsync(DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(async db =>
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var rows = db.Set<OutboxRow>().AsNoTracking();
        var oldest = await rows.Where(row => row.DeadReason == null && row.DueMs <= nowMs).MinAsync(row => (long?)row.DueMs, cancellationToken);
        var reasons = await rows.Where(row => row.DeadReason != null).Select(row => row.DeadReason ?? "").ToListAsync(cancellationToken);
        var parked = reasons.Count(OutboxRow.IsParked);
        return new OutboxFigures(
            await rows.LongCountAsync(row => row.DeadReason == null, cancellationToken), oldest is { } due ? (nowMs - due) / 1000.0 : 0, reasons.Count - parked, parked);
    }, cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ListDeadAsync(long after, int limit, CancellationToken cancellationToken) => LettersAsync<IReadOnlyList<DeadLetter>>(
        async letters => [.. (await letters.ListAsync(after, limit, cancellationToken)).Select(row => Of(row) with { Body = null })]);

    public Task<DeadLetter?> FindDeadAsync(long seq, CancellationToken cancellationToken) => LettersAsync(
        async letters => await letters.FindAsync(seq, cancellationToken) is { } row ? Of(row) : null);

    public Task<bool> RedriveAsync(long seq, AuditRecord record, CancellationToken cancellationToken) =>
        ChangeAsync(seq, record, (letters, token) => letters.RedriveAsync(seq, token), cancellationToken);

    public Task<bool> ParkAsync(long seq, AuditRecord record, CancellationToken cancellationToken) =>
        ChangeAsync(seq, record, (letters, token) => letters.ParkAsync(seq, token), cancellationToken);

    private static DeadLetter Of(OutboxRow row) => new(
        row.Seq,
        row.MessageId,
        row.CorrelationId,
        row.Destination,
        row.MessageType.Split(';')[0],
        row.DeadReason ?? "",
        OutboxRow.IsParked(row.DeadReason ?? ""),
        row.Body);

    private async Task<bool> ChangeAsync(long seq, AuditRecord record, Func<OutboxDeadLetters<GatewayDb>, CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (db, letters) = (scope.ServiceProvider.GetRequiredService<GatewayDb>(), scope.ServiceProvider.GetRequiredService<OutboxDeadLetters<GatewayDb>>());
        return await ExplainAsync(() => gate.WriteAsync(
            db,
            WritePriority.Completion,
            async token =>
            {
                var jobId = (await letters.FindAsync(seq, token))?.CorrelationId;
                var done = await change(letters, token);
                if (done)
                {
                    db.Audit.Add(AuditRows.Of(record with { JobId = jobId }, time.GetUtcNow()));
                }

                return done;
            },
            static done => done,
            cancellationToken));
    }

    private async Task<T> LettersAsync<T>(Func<OutboxDeadLetters<GatewayDb>, Task<T>> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await ExplainAsync(() => work(scope.ServiceProvider.GetRequiredService<OutboxDeadLetters<GatewayDb>>()));
    }

    private Task<T> ReadAsync<T>(Func<GatewayDb, Task<T>> read, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await read(db);
    });

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The store could not be used.", problem);
        }
    }
}
