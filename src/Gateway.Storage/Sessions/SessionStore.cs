using Gateway.Jobs;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>
/// Conversations as rows. Whoever changes what becomes of a session changes its row first: a job that is accepted for it, its end
/// and its removal so follow each other.
/// </summary>
internal sealed class SessionStore(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, IStoreClock time) : ISessionStore
{
    // Nearly every submit asks it, and most callers have none: so it is as short as can be, and the session is read only where there is one.
    private static readonly PerModel<Func<GatewayDb, string, string, string, Task<Guid?>>> FindActiveId = new(() => EF.CompileAsyncQuery(
        (GatewayDb db, string tenant, string grant, string cli) =>
            db.ActiveSessions.Where(a => a.Tenant == tenant && a.Grant == grant && a.Cli == cli).Select(a => (Guid?)a.SessionId).FirstOrDefault()));

    public Task<SessionRecord?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) => ReadAsync(
        async db =>
        {
            var own = SessionRows.Of(db, caller).AsNoTracking();
            var name = id.ToString("d");
            var row = await own.FirstOrDefaultAsync(s => s.SessionId == id, cancellationToken)
                ?? await own.FirstOrDefaultAsync(s => s.ProviderSessionId == name, cancellationToken);
            return row?.ToRecord((await ActiveAsync(db, caller, cancellationToken)).GetValueOrDefault(row.Cli));
        },
        cancellationToken);

    public Task<SessionRecord?> FindActiveAsync(Caller caller, string cli, CancellationToken cancellationToken) => ReadAsync(
        async db => await FindActiveId.For(db)(db, caller.Tenant, caller.Grant, cli) is { } id
            && await SessionRows.Of(db, caller).AsNoTracking().FirstOrDefaultAsync(s => s.SessionId == id, cancellationToken) is { } row
                ? row.ToRecord(id)
                : null,
        cancellationToken);

    public Task<SessionRecord?> FindNewestAsync(Caller caller, string cli, string? workspace, string? workingDirectory, CancellationToken cancellationToken) => ReadAsync(
        async db => (await SessionRows.Of(db, caller).AsNoTracking()
                .Where(s => s.Cli == cli && s.Workspace == workspace && s.WorkingDirectory == workingDirectory && s.JobCount > 0)
                .OrderByDescending(s => s.LastUsedAtMs).ThenByDescending(s => s.SessionId)
                .FirstOrDefaultAsync(cancellationToken)) is { } row
            ? row.ToRecord((await ActiveAsync(db, caller, cancellationToken)).GetValueOrDefault(cli))
            : null,
        cancellationToken);

    public Task<SessionPage> ListAsync(Caller caller, SessionFilter filter, CancellationToken cancellationToken) => ReadAsync(
        async db =>
        {
            var all = SessionRows.Of(db, caller).AsNoTracking().Where(s => filter.Cli == null || s.Cli == filter.Cli);
            var rows = await After(all, filter.After)
                .OrderByDescending(s => s.LastUsedAtMs).ThenByDescending(s => s.SessionId)
                .Take(filter.Limit + 1)
                .ToListAsync(cancellationToken);
            var active = await ActiveAsync(db, caller, cancellationToken);
            var page = rows.Take(filter.Limit).Select(row => row.ToRecord(active.GetValueOrDefault(row.Cli))).ToList();
            return new SessionPage(
                await all.CountAsync(cancellationToken),
                page,
                active.Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value.GetValueOrDefault(), StringComparer.Ordinal),
                rows.Count > filter.Limit ? new JobCursor(rows[filter.Limit - 1].LastUsedAtMs, rows[filter.Limit - 1].SessionId) : null);
        },
        cancellationToken);

    public Task<SessionRecord> CreateAsync(Caller caller, NewSession session, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var row = SessionRows.NewRow(caller, session, time.GetUtcNow().ToUnixTimeMilliseconds());
            db.Sessions.Add(row);
            if (session.SetAsActive)
            {
                await MakeActiveAsync(db, caller, session.Cli, row.SessionId, token);
            }

            return row.ToRecord(session.SetAsActive ? row.SessionId : null);
        },
        cancellationToken);

    public Task<bool> SetActiveAsync(Caller caller, string cli, Guid? sessionId, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            if (sessionId is not { } id)
            {
                await db.ActiveSessions.Where(a => a.Tenant == caller.Tenant && a.Grant == caller.Grant && a.Cli == cli).ExecuteDeleteAsync(token);
                return true;
            }

            if (await SessionRemoval.LockAsync(SessionRows.Of(db, caller).Where(s => s.SessionId == id && s.Cli == cli), token) == 0)
            {
                return false;
            }

            await MakeActiveAsync(db, caller, cli, id, token);
            return true;
        },
        cancellationToken);

    public async Task<SessionDeletion> DeleteAsync(Caller caller, Guid sessionId, CancellationToken cancellationToken)
    {
        var outcome = await WriteAsync((db, token) => new SessionRemoval(db).BeginAsync(caller, sessionId, token), cancellationToken);
        if (outcome is SessionDeletion.Deleted)
        {
            await FinishAsync([sessionId], cancellationToken);
        }

        return outcome;
    }

    public async Task<ClearedSessions> ClearAsync(Caller caller, string? cli, CancellationToken cancellationToken)
    {
        var (deleted, skipped) = await WriteAsync((db, token) => new SessionRemoval(db).BeginAllAsync(caller, cli, token), cancellationToken);
        await FinishAsync(deleted, cancellationToken);
        return new ClearedSessions(deleted.Count, skipped);
    }

    // What is left over when the caller goes away, or is too much for a call, is for the sweeper: it is shown to nobody any more.
    private async Task FinishAsync(IReadOnlyList<Guid> sessions, CancellationToken cancellationToken)
    {
        const int MostAtOnce = 50;
        const int MostBatches = 4;
        foreach (var sessionId in sessions.Take(MostAtOnce))
        {
            var done = false;
            for (var batch = 0; batch < MostBatches && !done; batch++)
            {
                done = await WriteAsync((db, token) => new SessionRemoval(db).TryFinishAsync(sessionId, token), cancellationToken);
            }
        }
    }

    private static async Task MakeActiveAsync(GatewayDb db, Caller caller, string cli, Guid sessionId, CancellationToken cancellationToken)
    {
        var changed = await db.ActiveSessions
            .Where(a => a.Tenant == caller.Tenant && a.Grant == caller.Grant && a.Cli == cli)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.SessionId, sessionId), cancellationToken);
        if (changed == 0)
        {
            db.ActiveSessions.Add(new ActiveSessionRow { Tenant = caller.Tenant, Grant = caller.Grant, Cli = cli, SessionId = sessionId });
        }
    }

    private static async Task<Dictionary<string, Guid?>> ActiveAsync(GatewayDb db, Caller caller, CancellationToken cancellationToken) => await db.ActiveSessions.AsNoTracking()
        .Where(a => a.Tenant == caller.Tenant && a.Grant == caller.Grant)
        .ToDictionaryAsync(a => a.Cli, a => (Guid?)a.SessionId, StringComparer.Ordinal, cancellationToken);

    private static IQueryable<SessionRow> After(IQueryable<SessionRow> sessions, JobCursor? cursor) => cursor is not var (ms, id)
        ? sessions
        : sessions.Where(s => s.LastUsedAtMs < ms || (s.LastUsedAtMs == ms && s.SessionId < id));

    private Task<T> ReadAsync<T>(Func<GatewayDb, Task<T>> read, CancellationToken cancellationToken) => ExplainAsync(() => retry.RunAsync(async _ =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await read(db);
    }));

    private Task<T> WriteAsync<T>(Func<GatewayDb, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => ExplainAsync(() => retry.RunAsync(async _ =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Submit, token => work(db, token), cancellationToken);
    }));

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The store of sessions could not be reached.", problem);
        }
    }
}
