using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Parking;
using Gateway.Policies.Limits;

namespace Gateway.Storage.Dispatch;

/// <summary>How many jobs wait and run, by pool, tenant and priority, and whom a cap on running jobs holds back.</summary>
internal sealed class QueueShape(IReadOnlyList<QueueShape.Part> parts, IReadOnlyList<CallerLoad> callers, IReadOnlyList<CredentialGate> gates, CapsInForce caps)
{
    // It remembers what it was asked, and is asked by many at once.
    private readonly Lock asking = new();
    private readonly RunningRoom room = new(caps, callers);

    /// <summary>The cap that is full for a job; null when none is.</summary>
    public JobCap? FindFull(StoredGrant grant, string tool)
    {
        lock (asking)
        {
            return room.FindFull(grant, tool);
        }
    }

    /// <summary>When the credential of a job is tried again; null while it does not rest.</summary>
    public DateTimeOffset? FindOpening(string pool, string credential, DateTimeOffset now) =>
        gates.FirstOrDefault(gate => gate.Pool == pool && gate.Credential == credential && gate.ClosedUntil > now)?.ClosedUntil;

    /// <summary>The callers of a tenant whose jobs of a tool wait behind a full cap, of those that have jobs in hand: no other can have filled one of its own.</summary>
    public IReadOnlyList<(string Grant, string Tool)> HeldBackOf(string tenant) =>
        [.. callers.Where(c => c.Grant.Tenant == tenant && FindFull(c.Grant, c.Tool) is not null).Select(c => (c.Grant.Value, c.Tool)).Distinct()];

    /// <summary>About how many jobs of the pool go before a waiting one.</summary>
    /// <param name="pool">Its pool.</param>
    /// <param name="tenant">Its tenant.</param>
    /// <param name="priority">Its priority.</param>
    /// <param name="ahead">Jobs of the same pool, tenant and priority that go before.</param>
    public int CountAhead(string pool, string tenant, int priority, int ahead)
    {
        var inHand = parts.GroupBy(p => p.Tenant, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(p => p.InHand), StringComparer.Ordinal);
        var here = parts.Where(p => p.Pool == pool).ToList();
        var others = here.Where(p => p.Priority == priority && p.Waiting > 0 && p.Tenant != tenant).Select(p => (inHand[p.Tenant], p.Waiting));
        return here.Sum(p => p.Released) + here.Where(p => p.Priority > priority).Sum(p => p.Waiting)
            + FairOrder.CountAhead(ahead, inHand.GetValueOrDefault(tenant), others);
    }

    /// <summary>Jobs that are alike.</summary>
    /// <param name="Pool">Pool.</param>
    /// <param name="Tenant">Tenant.</param>
    /// <param name="Priority">Priority.</param>
    /// <param name="Waiting">Due and not released.</param>
    /// <param name="InHand">Running or released.</param>
    /// <param name="Released">Released and not claimed.</param>
    internal sealed record Part(string Pool, string Tenant, int Priority, int Waiting, int InHand, int Released);
}
