using Gateway.Jobs.Approvals;
using Gateway.Policies.Limits;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// For whom the caps on running jobs and the gates of credentials leave room: counted once from the jobs' rows, then kept up while jobs are picked. What it
/// has no room for it has none for later either, since picking only adds.
/// </summary>
public sealed class RunningRoom
{
    private readonly CapsInForce caps;
    private readonly Dictionary<(StoredGrant Grant, string Tool), IReadOnlyList<JobCap>> known;
    private readonly Dictionary<(string Tenant, string Grant, string Tool), int> running;
    private readonly Dictionary<(LimitScope Scope, string Tenant, string Grant, string? Tool), int> counts;
    private readonly GateRoom gates;

    /// <summary>Room as it is left by what runs.</summary>
    /// <param name="caps">The caps.</param>
    /// <param name="callers">Who has what in hand.</param>
    /// <param name="gates">The credentials that rest, or are being tried; null for none.</param>
    public RunningRoom(CapsInForce caps, IEnumerable<CallerLoad> callers, GateRoom? gates = null)
    {
        (this.caps, known, counts, this.gates) = (caps, [], [], gates ?? GateRoom.Of([], DateTimeOffset.MinValue));
        running = callers.GroupBy(c => (c.Grant.Tenant, c.Grant.Value, c.Tool)).ToDictionary(g => g.Key, g => g.Sum(c => c.Running + c.Released));
    }

    private RunningRoom(RunningRoom other) =>
        (caps, known, running, counts, gates) = (other.caps, other.known, new(other.running), new(other.counts), other.gates.Copy());

    /// <summary>The same room, to try out what fits.</summary>
    public RunningRoom Copy() => new(this);

    /// <summary>Whether what holds for each job of a tenant leaves room for one more.</summary>
    /// <param name="tenant">The tenant.</param>
    public bool HasTenant(string tenant) => caps.OfTenant(tenant).All(cap => Count(cap, tenant, "") < cap.Max);

    /// <summary>The first cap that is full for a job of this kind; null when it may run.</summary>
    /// <param name="grant">Whose job.</param>
    /// <param name="tool">The tool that made it.</param>
    public JobCap? FindFull(StoredGrant grant, string tool)
    {
        if (!known.TryGetValue((grant, tool), out var all))
        {
            known[(grant, tool)] = all = caps.Of(grant, tool);
        }

        return all.FirstOrDefault(cap => Count(cap, grant.Tenant, grant.Value) >= cap.Max);
    }

    /// <summary>Whether the job may run as well.</summary>
    /// <param name="job">A job that waits.</param>
    public bool Has(WaitingJob job) => HasCredential(job.Command.Pool, job.Credential) && FindFull(job.Grant, job.Tool) is null;

    /// <summary>Whether one more job may begin with a credential.</summary>
    /// <param name="pool">Pool of the job.</param>
    /// <param name="credential">Name of the credential.</param>
    public bool HasCredential(string pool, string credential) => gates.Has(pool, credential);

    /// <summary>The job is going to run as well.</summary>
    /// <param name="job">A job that waited.</param>
    public void Take(WaitingJob job)
    {
        gates.Take(job.Command.Pool, job.Credential);
        var (tenant, grant) = (job.Grant.Tenant, job.Grant.Value);
        running[(tenant, grant, job.Tool)] = running.GetValueOrDefault((tenant, grant, job.Tool)) + 1;
        foreach (var key in KeysOf(tenant, grant, null).Concat(KeysOf(tenant, grant, job.Tool)))
        {
            if (counts.TryGetValue(key, out var count))
            {
                counts[key] = count + 1;
            }
        }
    }

    private int Count(JobCap cap, string tenant, string grant)
    {
        // A job keeps no session: a cap of that scope counts the grant's.
        var key = KeysOf(tenant, grant, cap.Tool)[cap.Scope switch { LimitScope.Global => 0, LimitScope.Tenant => 1, _ => 2 }];
        if (!counts.TryGetValue(key, out var count))
        {
            counts[key] = count = running
                .Where(r => (cap.Tool is null || r.Key.Tool == cap.Tool)
                    && (cap.Scope == LimitScope.Global || (r.Key.Tenant == tenant && (cap.Scope == LimitScope.Tenant || r.Key.Grant == grant))))
                .Sum(r => r.Value);
        }

        return count;
    }

    private static (LimitScope Scope, string Tenant, string Grant, string? Tool)[] KeysOf(string tenant, string grant, string? tool) =>
        [(LimitScope.Global, "", "", tool), (LimitScope.Tenant, tenant, "", tool), (LimitScope.Grant, tenant, grant, tool)];
}
