using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Storage.Dispatch;
using Gateway.Storage.Leases;
using Gateway.Storage.Model;
using Gateway.Storage.Output;
using Gateway.Storage.Parking;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>What readers ask, without tracking and without the gate: WAL readers disturb no writer.</summary>
internal sealed class JobQueries(IDbContextFactory<GatewayDb> contexts, StorageProvider provider, StoreRetry retry, QueuePlaces places, IStoreClock time) : IJobQueries
{
    private static readonly TimeSpan HeardOf = TimeSpan.FromMinutes(10);

    private static readonly PerModel<Func<GatewayDb, string, string, Guid, Task<Beside?>>> FindOne = new(() => EF.CompileAsyncQuery(
        (GatewayDb db, string tenant, string grant, Guid jobId) =>
            (from job in db.Jobs.AsNoTracking()
             where job.CorrelationId == jobId && job.Tenant == tenant && job.Grant == grant
             join o in db.Outputs on new { JobId = job.CorrelationId, job.Attempt } equals new { o.JobId, o.Attempt } into outputs
             from output in outputs.DefaultIfEmpty()
             join p in db.Progress on job.CorrelationId equals p.JobId into heads
             from head in heads.DefaultIfEmpty()
             select new Beside { Job = job, Output = output, Head = head }).FirstOrDefault()));

    private static readonly PerModel<Func<GatewayDb, Guid, long, int, IAsyncEnumerable<EventRow>>> EventsAfter = new(() => EF.CompileAsyncQuery(
        (GatewayDb db, Guid jobId, long afterSeq, int limit) =>
            db.Events.AsNoTracking().Where(e => e.JobId == jobId && e.Seq > afterSeq).OrderBy(e => e.Seq).Take(limit)));

    public string Backend => provider.Name;

    public Task<JobRecord?> FindAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) =>
        ReadAsync(async db => (await FindOne.For(db)(db, caller.Tenant, caller.Grant, jobId))?.ToRecord(), cancellationToken);

    public Task<IReadOnlyList<JobRecord>> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<JobRecord>>(async db =>
    {
        var jobs = JobFilters.Apply(Owned(db.Jobs.AsNoTracking().Where(j => j.Tenant == caller.Tenant), caller, filter.Owner), filter)
            .OrderByDescending(j => j.CreatedAtMs).ThenByDescending(j => j.CorrelationId)
            .Take(filter.Limit + 1);
        var rows = await (from job in jobs
                          join o in db.Outputs on new { JobId = job.CorrelationId, job.Attempt } equals new { o.JobId, o.Attempt } into outputs
                          from output in outputs.DefaultIfEmpty()
                          orderby job.CreatedAtMs descending, job.CorrelationId descending
                          select new Beside { Job = job, Output = output }).ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.ToRecord())];
    }, cancellationToken);

    private static IQueryable<Job> Owned(IQueryable<Job> ofTenant, Caller caller, string? owner) => owner switch
    {
        null => ofTenant.Where(j => j.Grant == caller.Grant),
        JobFilter.Everybody => ofTenant,
        _ => ofTenant.Where(j => j.GrantLabel == owner),
    };

    public Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<Guid>>(async db =>
    {
        var own = db.Jobs.AsNoTracking().Where(j => j.Tenant == caller.Tenant && j.Grant == caller.Grant);
        var made = await own.Where(j => j.RequestCorrelationId == correlationId)
            .OrderByDescending(j => j.CreatedAtMs).Take(most)
            .Select(j => new { j.CorrelationId, j.CreatedAtMs }).ToListAsync(cancellationToken);
        var given = await (from name in db.OtherNames.AsNoTracking()
                           where name.CorrelationId == correlationId
                           join job in own on name.JobId equals job.CorrelationId
                           orderby job.CreatedAtMs descending
                           select new { job.CorrelationId, job.CreatedAtMs }).Take(most).ToListAsync(cancellationToken);
        return [.. made.Concat(given).Distinct().OrderByDescending(j => j.CreatedAtMs).Take(most).Select(j => j.CorrelationId)];
    }, cancellationToken);

    public Task<IReadOnlyList<ProgressEventView>> ReadEventsAsync(Guid jobId, ProgressQuery query, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ProgressEventView>>(async db =>
    {
        var events = new List<ProgressEventView>();
        await foreach (var row in EventsAfter.For(db)(db, jobId, query.AfterSeq, query.Limit).WithCancellation(cancellationToken))
        {
            events.Add(new ProgressEventView
            {
                Seq = row.Seq,
                Ts = DateTimeOffset.FromUnixTimeMilliseconds(row.AtMs),
                Attempt = row.Attempt,
                Phase = row.Phase,
                Kind = row.Kind,
                Message = row.Message,
                Source = row.Source,
            });
        }

        return events;
    }, cancellationToken);

    public Task<QueuePlace> FindPlaceAsync(JobRecord record, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReadAsync(db => places.FindAsync(db, record.Job, now, cancellationToken), cancellationToken);

    public Task<AttemptRecord?> FindAttemptAsync(Guid jobId, int attempt, CancellationToken cancellationToken) => ReadAsync(
        async db => await db.Attempts.AsNoTracking().FirstOrDefaultAsync(a => a.JobId == jobId && a.Attempt == attempt, cancellationToken) is { } row
            ? new AttemptRecord(row.HasAnswer, row.AnswerIsError, row.StructuredOutputJson, WarningsOf(row), ChangeOf(row))
            : null,
        cancellationToken);

    public Task<IReadOnlyDictionary<OutputStream, long>> ReadStoredBytesAsync(Guid jobId, int attempt, CancellationToken cancellationToken) => ReadAsync(
        async db => StreamLengths.All(await db.Outputs.AsNoTracking().FirstOrDefaultAsync(o => o.JobId == jobId && o.Attempt == attempt, cancellationToken)),
        cancellationToken);

    public Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) => ReadAsync(async db =>
    {
        var row = await (from job in db.Jobs.AsNoTracking()
                         where job.CorrelationId == jobId && job.Tenant == caller.Tenant && job.Grant == caller.Grant
                         join r in db.Requests on job.CorrelationId equals r.JobId into requests
                         from request in requests.DefaultIfEmpty()
                         select new { job.CurrentState, job.Content, job.SessionId, job.KeepsSession, Request = request }).FirstOrDefaultAsync(cancellationToken);
        return row is null
            ? null
            : new StoredRequest(
                row.Request?.Tool ?? "",
                row.Request?.ArgumentsJson ?? "{}",
                row.Content == JobContent.Kept ? row.Request?.Prompt : null,
                JobStates.StatusOf(row.CurrentState),
                row.KeepsSession ? row.SessionId : null);
    }, cancellationToken);

    public Task<StoreFigures> ReadFiguresAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync(async db =>
    {
        var counts = await db.Jobs.AsNoTracking()
            .Where(j => j.CurrentState == nameof(JobLifecycle.AwaitingApproval) || j.CurrentState == nameof(JobLifecycle.Queued)
                || j.CurrentState == nameof(JobLifecycle.Parked) || j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Canceling))
            .GroupBy(j => new { j.CurrentState, j.Cli, Own = j.Tenant == caller.Tenant && j.Grant == caller.Grant })
            .Select(g => new { g.Key.CurrentState, g.Key.Cli, g.Key.Own, Count = g.Count() })
            .ToListAsync(cancellationToken);
        var queued = counts.Where(c => c.CurrentState is nameof(JobLifecycle.Queued) or nameof(JobLifecycle.AwaitingApproval) or nameof(JobLifecycle.Parked)).ToList();
        var running = counts.Except(queued).ToList();
        var outbox = db.Set<SagaPersistence.Outbox.OutboxRow>().AsNoTracking();
        return new StoreFigures(
            OwnRunning: running.Where(c => c.Own).Sum(c => c.Count),
            OwnQueued: queued.Where(c => c.Own).Sum(c => c.Count),
            RunningByProvider: running.GroupBy(c => c.Cli).ToDictionary(g => g.Key, g => g.Sum(c => c.Count)),
            QueuedByProvider: queued.GroupBy(c => c.Cli).ToDictionary(g => g.Key, g => g.Sum(c => c.Count)),
            ParkedByProvider: counts.Where(c => c.CurrentState == nameof(JobLifecycle.Parked)).GroupBy(c => c.Cli).ToDictionary(g => g.Key, g => g.Sum(c => c.Count)),
            DeadMessages: await outbox.CountAsync(row => row.DeadReason != null && !row.DeadReason.StartsWith(SagaPersistence.Outbox.OutboxRow.ParkedMark), cancellationToken),
            OutboxPending: await outbox.CountAsync(row => row.DeadReason == null, cancellationToken),
            Workers: await db.Workers.AsNoTracking().OrderBy(w => w.Name)
                .Select(w => new WorkerView(w.Name, w.Slots, w.Running, DateTimeOffset.FromUnixTimeMilliseconds(w.LastHeartbeatAtMs)))
                .ToListAsync(cancellationToken),
            Gates: [.. (await CredentialGates.ReadAsync(db, cancellationToken)).Where(gate => gate.ClosedUntil > time.GetUtcNow())
                .OrderBy(gate => gate.Cli, StringComparer.Ordinal).ThenBy(gate => gate.Credential, StringComparer.Ordinal)
                .Select(gate => new RestingCredential(gate.Cli, gate.Credential, gate.ClosedUntil, gate.ResetsAt))]);
    }, cancellationToken);

    public Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SeenCli>>(async db =>
    {
        var newest = await db.Workers.MaxAsync(w => (long?)w.LastHeartbeatAtMs, cancellationToken) ?? 0;
        // Against the newest of them, so that no clock is asked.
        var since = newest - (long)HeardOf.TotalMilliseconds;
        var rows = await db.Workers.AsNoTracking().Where(w => w.ClisJson != null && w.LastHeartbeatAtMs >= since).OrderBy(w => w.Name).ToListAsync(cancellationToken);
        return
        [
            .. from row in rows
               from report in CliReports.Read(row.ClisJson)
               select new SeenCli(row.Name, DateTimeOffset.FromUnixTimeMilliseconds(row.LastHeartbeatAtMs), report),
        ];
    }, cancellationToken);

    public Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SeenWorkspace>>(async db =>
    {
        var rows = await db.Workers.AsNoTracking().Where(w => w.WorkspacesJson != null).OrderBy(w => w.Name).ToListAsync(cancellationToken);
        return
        [
            .. from row in rows
               from report in WorkspaceReports.Read(row.WorkspacesJson)
               select new SeenWorkspace(row.Name, row.Pool, DateTimeOffset.FromUnixTimeMilliseconds(row.LastHeartbeatAtMs), report),
        ];
    }, cancellationToken);

    private static IReadOnlyList<string> WarningsOf(AttemptRow row) =>
        row.WarningsJson is { } json ? JsonSerializer.Deserialize(json, JobsJson.Default.IReadOnlyListString) ?? [] : [];

    private static WorktreeChange? ChangeOf(AttemptRow row) =>
        row.WorktreeJson is { } json ? JsonSerializer.Deserialize(json, JobsJson.Default.WorktreeChange) : null;

    private async Task<T> ReadAsync<T>(Func<GatewayDb, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(async _ =>
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                return await read(db);
            });
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The store could not be read.", problem);
        }
    }

    private sealed class Beside
    {
        public Job Job { get; init; } = null!;

        public OutputRow? Output { get; init; }

        public ProgressRow? Head { get; init; }

        public JobRecord ToRecord()
        {
            var activity = Math.Max(Output?.LastActivityAtMs ?? 0, Head?.AtMs ?? 0);
            return new JobRecord(
                Job,
                Output?.StdoutBytes ?? 0,
                Output?.StderrBytes ?? 0,
                Head?.HighWaterSeq ?? 0,
                Head?.Phase ?? "queued",
                activity == 0 ? null : activity);
        }
    }
}
