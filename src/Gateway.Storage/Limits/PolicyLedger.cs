using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Approvals;
using Gateway.Storage.Audit;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Limits;

/// <summary>Counts and records calls that make no job.</summary>
internal sealed class PolicyLedger(
    IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, StorageProvider provider, IApprovalStore approvals, IAuditLog audit, IStoreClock time, TimeProvider clock) : IPolicyLedger
{
    public async Task<Refusal?> CountAsync(Caller caller, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        var refusal = terms.Judgement?.Refusal;
        if (refusal is null && terms.Judgement is { } judgement && (judgement.Limits.Count > 0 || terms.Request is not null))
        {
            refusal = await CountInTimeAsync(caller, terms, judgement, cancellationToken);
            if (refusal?.Kind == RefusalKinds.ApprovalRequired && terms.Request is { } request)
            {
                // None: a person has agreed meanwhile.
                refusal = await approvals.AskAsync(request, cancellationToken) ?? await CountInTimeAsync(caller, terms, judgement, cancellationToken);
            }
        }
        else if (refusal is null && terms.RecordsAllowed && terms.Record is { } allowed)
        {
            await audit.AppendAsync(allowed, cancellationToken);
        }

        if (refusal is not null && terms.Record is { } record)
        {
            await audit.AppendAsync(record.Denied(refusal), cancellationToken);
        }

        return refusal;
    }

    private async Task<Refusal?> CountInTimeAsync(Caller caller, AdmissionTerms terms, Judgement judgement, CancellationToken cancellationToken)
    {
        using var limit = new JudgedTime(clock, cancellationToken);
        try
        {
            return await retry.RunAsync(_ => TryCountAsync(caller, terms, judgement, limit));
        }
        catch (OperationCanceledException problem) when (limit.IsOver)
        {
            throw new StoreUnavailableException("The call could not be counted in time.", problem);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The call could not be counted.", problem);
        }
    }

    private async Task<Refusal?> TryCountAsync(Caller caller, AdmissionTerms terms, Judgement judgement, JudgedTime limit)
    {
        await using var db = await contexts.CreateDbContextAsync(limit.Token);
        var counted = false;
        try
        {
            return await gate.WriteAsync(
                db,
                WritePriority.Submit,
                async token =>
                {
                    limit.Begin();
                    await Gates.EnterAsync(db, provider, judgement, caller.Tenant, caller.Grant, token);
                    var now = time.GetUtcNow();
                    if (await Repeats.PassAsync(db, terms.Request, now, token) is { } unasked)
                    {
                        return unasked;
                    }

                    var count = await Counting.CountAsync(judgement, new StoreCounters(db), now, token);
                    if (count.Refusal is null && terms.RecordsAllowed && terms.Record is { } record)
                    {
                        db.Audit.Add(AuditRows.Of(record with { Counters = AuditRows.CountersOf(count) }, now));
                        await db.SaveChangesAsync(token);
                    }

                    counted = count.Refusal is null;
                    return count.Refusal;
                },
                refusal => refusal is null,
                limit.Token);
        }
        catch (Exception problem) when (counted && StoreFaults.IsStoreFault(problem))
        {
            // What is committed under no name that could be looked for must not be tried again: it would count twice.
            throw new StoreUnavailableException("Whether the call was counted is unknown.", problem);
        }
    }
}
