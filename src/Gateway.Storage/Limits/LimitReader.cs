using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Limits;

/// <summary>How limits stand, without a gate and without a lock.</summary>
internal sealed class LimitReader(IDbContextFactory<GatewayDb> contexts, IStoreClock time) : ILimitReader
{
    public async Task<LimitFigures> ReadAsync(Caller caller, Judgement judgement, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.OpenConnectionAsync(cancellationToken);
            var (refusal, counters) = await Counting.PreviewAsync(judgement, new StoreCounters(db), time.GetUtcNow(), cancellationToken);
            List<(JobCap Cap, int Jobs)> waiting = [];
            foreach (var cap in judgement.Caps.Where(cap => cap.Kind == JobCapKind.Queued))
            {
                waiting.Add((cap, await QueuedCaps.CountAsync(db, cap, caller.Tenant, caller.Grant, cancellationToken)));
            }

            // As at a call: caps are asked before anything is counted.
            return new LimitFigures(QueuedCaps.FullOf(judgement, waiting) ?? refusal, counters, waiting);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The limits could not be read.", problem);
        }
    }
}
