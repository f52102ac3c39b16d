using Gateway.Contracts.Commands;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Dispatch;

/// <summary>Jobs of one pool and priority that wait. Looked at by their tenants, from the oldest on, and past those that a full cap or a resting credential holds back.</summary>
internal sealed class WaitingLine(GatewayDb db, StorageProvider provider, string pool, int priority, long nowMs)
{
    private const int MostTenants = 1_000;

    private readonly IQueryable<Job> line = db.Jobs.AsNoTracking().Where(
        j => j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == pool && j.ReleasedAtMs == null && j.Priority == priority);

    /// <summary>Whose jobs wait: from one tenant to the next along the index, not over all their jobs.</summary>
    public async Task<List<string>> ReadTenantsAsync(CancellationToken cancellationToken)
    {
        List<string> tenants = [];
        var next = await line.OrderBy(j => j.Tenant).Select(j => j.Tenant).FirstOrDefaultAsync(cancellationToken);
        while (next is not null && tenants.Count < MostTenants)
        {
            tenants.Add(next);
            var last = next;
            next = await line.Where(j => string.Compare(j.Tenant, last) > 0).OrderBy(j => j.Tenant).Select(j => j.Tenant).FirstOrDefaultAsync(cancellationToken);
        }

        return tenants;
    }

    /// <summary>A tenant's oldest due jobs that may run.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="room">For whom there is room; those that are found take theirs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<WaitingJob>> ReadAsync(string tenant, int most, RunningRoom room, CancellationToken cancellationToken)
    {
        if (!room.HasTenant(tenant))
        {
            return [];
        }

        var oldest = await CommandsOf(line.Where(j => j.Tenant == tenant && j.DueAtMs <= nowMs), most, cancellationToken);
        var found = TakeFitting(oldest, room);
        return found.Count == oldest.Count || oldest.Count < most || !room.HasTenant(tenant)
            ? found
            : [.. found, .. await ReadPastAsync(tenant, most, found, room, cancellationToken)];
    }

    /// <summary>Jobs with the commands that release them, the oldest first.</summary>
    public static async Task<List<WaitingJob>> CommandsOf(IQueryable<Job> jobs, int most, CancellationToken cancellationToken)
    {
        var rows = await jobs.OrderBy(j => j.DueAtMs).Take(most)
            .Select(j => new { j.CorrelationId, j.Tenant, j.Priority, j.DueAtMs, j.Attempt, j.Cli, j.Pool, j.TraceParent, j.Grant, j.GrantLabel, j.Tool, j.CredentialName, j.PolicyHash })
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new WaitingJob(
            row.CorrelationId,
            row.Tenant,
            row.Priority,
            row.DueAtMs,
            new RunClaudeRequest { JobId = row.CorrelationId, Attempt = row.Attempt + 1, Provider = row.Cli, Pool = row.Pool, Tenant = row.Tenant, TraceParent = row.TraceParent })
        {
            Grant = new StoredGrant(row.GrantLabel, row.Tenant, row.Grant),
            Tool = row.Tool,
            Credential = row.CredentialName,
            PolicyHash = row.PolicyHash,
        });
    }

    // The oldest are behind full caps or closed gates, and thousands like them may follow: whose jobs wait besides is asked caller by caller along an index. Of
    // those with room, so many as have the oldest first job hold all that can be among the next.
    private async Task<List<WaitingJob>> ReadPastAsync(string tenant, int most, List<WaitingJob> found, RunningRoom room, CancellationToken cancellationToken)
    {
        var missing = most - found.Count;
        var heads = await db.Database.SqlQueryRaw<LineHead>(provider.LineHeadsStatement, pool, priority, tenant).ToListAsync(cancellationToken);
        var open = heads.Where(head => head.DueAtMs <= nowMs && room.HasCredential(pool, head.CredentialName) && room.FindFull(new StoredGrant(head.GrantLabel, tenant, head.Grant), head.Tool) is null).OrderBy(head => head.DueAtMs);
        var known = found.Select(job => job.JobId).ToHashSet();
        List<WaitingJob> others = [];
        foreach (var head in open.Take(most))
        {
            var (grant, tool, credential) = (head.Grant, head.Tool, head.CredentialName);
            others.AddRange(await CommandsOf(line.Where(j => j.Tenant == tenant && j.Grant == grant && j.Tool == tool && j.CredentialName == credential && j.DueAtMs <= nowMs), most, cancellationToken));
        }

        return [.. TakeFitting(others.Where(job => !known.Contains(job.JobId)).OrderBy(job => job.DueAtMs).ThenBy(job => job.JobId), room).Take(missing)];
    }

    private static List<WaitingJob> TakeFitting(IEnumerable<WaitingJob> jobs, RunningRoom room)
    {
        List<WaitingJob> fitting = [];
        foreach (var job in jobs.Where(room.Has))
        {
            room.Take(job);
            fitting.Add(job);
        }

        return fitting;
    }
}
