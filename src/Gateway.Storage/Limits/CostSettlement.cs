using Gateway.Contracts.Values;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Limits;

/// <summary>Puts the real cost of a job in the place of its reservations, in the transaction of its end.</summary>
internal static class CostSettlement
{
    /// <summary>Does it; a second time finds nothing to do, since the reservations go with the first.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="job">The job that ends.</param>
    /// <param name="now">Time of the store's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task SettleAsync(GatewayDb db, Job job, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (job.PolicyHash is null)
        {
            // Nobody has judged it: such a job pays for no look.
            return;
        }

        var reservations = await db.Reservations.Where(r => r.JobId == job.CorrelationId).OrderBy(r => r.CounterKey).ToListAsync(cancellationToken);
        if (reservations.Count == 0)
        {
            return;
        }

        var (costMicros, isKnown) = await ReadCostAsync(db, job.CorrelationId, cancellationToken);
        List<AuditCounter> counters = [];
        foreach (var reservation in reservations)
        {
            // What is known may be more than was reserved, even where the rest is not known.
            var change = isKnown ? costMicros - reservation.AmountMicros : Math.Max(0, costMicros - reservation.AmountMicros);
            await db.Counters.Where(c => c.Key == reservation.CounterKey)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedMicros, c => c.UsedMicros + change < 0 ? 0 : c.UsedMicros + change), cancellationToken);
            if (await db.Counters.AsNoTracking().FirstOrDefaultAsync(c => c.Key == reservation.CounterKey, cancellationToken) is { } counter)
            {
                counters.Add(new AuditCounter(RuleOf(counter), Micros.ToAmount(counter.UsedMicros), null, DateTimeOffset.FromUnixTimeMilliseconds(counter.WindowStartMs)));
            }
        }

        db.Reservations.RemoveRange(reservations);
        db.Audit.Add(AuditRows.Of(RecordOf(job, Micros.ToAmount(reservations[0].AmountMicros), isKnown ? Micros.ToAmount(costMicros) : null, counters, now), now));
    }

    // A run without a process costs nothing. One that was lost, or said nothing of its cost, may have cost anything.
    private static async Task<(long Micros, bool IsKnown)> ReadCostAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken)
    {
        var attempts = await db.Attempts.AsNoTracking().Where(a => a.JobId == jobId).ToListAsync(cancellationToken);
        attempts.AddRange(db.Attempts.Local.Where(a => a.JobId == jobId && attempts.TrueForAll(stored => stored.Attempt != a.Attempt)));
        return (
            attempts.Sum(a => Micros.Of(a.CostUsd ?? 0)),
            attempts.TrueForAll(a => a.CostUsd is not null || (a.StartedAtMs is null && a.FailureKind != FailureKinds.WorkerLost)));
    }

    private static AuditRecord RecordOf(Job job, decimal reservedUsd, decimal? costUsd, IReadOnlyList<AuditCounter> counters, DateTimeOffset now) => new()
    {
        At = now,
        Tenant = job.Tenant,
        Grant = job.GrantLabel,
        Caller = job.Grant,
        Method = AuditMethods.CostCorrected,
        Tool = job.Tool,
        Decision = AuditDecisions.Done,
        Reason = costUsd is null ? "the cost of an attempt is unknown; what was reserved stays" : null,
        PolicyHash = job.PolicyHash,
        JobId = job.CorrelationId,
        Counters = counters,
        ReservedUsd = reservedUsd,
        CostUsd = costUsd,
    };

    private static string RuleOf(CounterRow counter) => counter.Tool switch
    {
        CounterScopes.AllTools => $"/{CounterScopes.AllTools}/limits/{counter.Counter}",
        CounterScopes.Quotas => $"/{CounterScopes.Quotas}/{counter.Counter}",
        var tool => $"/tools/{tool}/limits/{counter.Counter}",
    };
}
