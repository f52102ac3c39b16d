using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Leases;
using Gateway.Policies.Evaluation;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Approvals;

/// <summary>
/// Requests as rows. A request is closed by one conditional update; whoever changed the row sends what the job is told, in the same
/// commit, so that neither can be without the other after a crash.
/// </summary>
internal sealed class ApprovalStore(
    IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, IStoreClock time) : IApprovalStore
{
    public Task<ApprovalRecord?> FindAsync(string? tenant, Guid approvalId, CancellationToken cancellationToken) => ReadAsync(
        async db => (await db.Approvals.AsNoTracking().FirstOrDefaultAsync(a => a.ApprovalId == approvalId && (tenant == null || a.Tenant == tenant), cancellationToken))
            ?.ToRecord(time.GetUtcNow()),
        cancellationToken);

    public Task<IReadOnlyList<ApprovalRecord>> ListAsync(ApprovalFilter filter, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ApprovalRecord>>(
        async db =>
        {
            var now = time.GetUtcNow();
            var rows = await Apply(db.Approvals.AsNoTracking(), filter, now.ToUnixTimeMilliseconds())
                .OrderByDescending(a => a.CreatedAtMs).ThenByDescending(a => a.ApprovalId)
                .Take(filter.Limit + 1)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord(now))];
        },
        cancellationToken);

    public Task<StoredCall?> FindCallAsync(Guid jobId, CancellationToken cancellationToken) => ReadAsync(
        async db => (await StoredCalls.ReadAsync(db, [jobId], cancellationToken)).Values.SingleOrDefault(),
        cancellationToken);

    public Task<(bool Closed, ApprovalRecord Record)?> CloseAsync(Guid approvalId, ApprovalClosing closing, CancellationToken cancellationToken) =>
        WriteAsync((db, sender, token) => CloseAsync(db, sender, approvalId, closing, token), cancellationToken);

    public async Task<int> ExpireAsync(int most, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var look = await contexts.CreateDbContextAsync(cancellationToken);
        var over = await look.Approvals.Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAtMs <= nowMs)
            .OrderBy(a => a.ExpiresAtMs).Select(a => a.ApprovalId).Take(most).ToListAsync(cancellationToken);

        // Most sweeps find nothing: they must not make a writer wait.
        return over.Count == 0 ? 0 : await WriteAsync(
            async (db, sender, token) =>
            {
                var count = 0;
                foreach (var approvalId in over)
                {
                    count += await CloseAsync(db, sender, approvalId, new ApprovalClosing.Expire(), token) is { Closed: true } ? 1 : 0;
                }

                return count;
            },
            cancellationToken);
    }

    public Task<Refusal?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) =>
        WriteAsync((db, _, token) => Repeats.AskAsync(db, request, time.GetUtcNow(), token), cancellationToken);

    // The update decides: between a look and a change another process could decide too.
    private async Task<(bool Closed, ApprovalRecord Record)?> CloseAsync(
        GatewayDb db, ISendEndpointProvider sender, Guid approvalId, ApprovalClosing closing, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (nowMs, expires) = (now.ToUnixTimeMilliseconds(), closing is ApprovalClosing.Expire);
        var closed = await db.Approvals
            .Where(a => a.ApprovalId == approvalId && a.Status == ApprovalStatus.Pending && (expires ? a.ExpiresAtMs <= nowMs : a.ExpiresAtMs > nowMs))
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Status, closing.Status)
                    .SetProperty(a => a.DecidedAtMs, nowMs)
                    .SetProperty(a => a.DecidedBy, closing.By)
                    .SetProperty(a => a.Comment, closing.Comment),
                cancellationToken) == 1;
        if (await db.Approvals.AsNoTracking().FirstOrDefaultAsync(a => a.ApprovalId == approvalId, cancellationToken) is not { } row)
        {
            return null;
        }

        if (closed)
        {
            db.Audit.Add(AuditRows.Of(ApprovalAudit.Closed(row.ToRecord(now)), now));
        }

        if (closed && row.JobId is { } jobId)
        {
            await TellAsync(await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle)), jobId, row, closing, cancellationToken);
        }

        return (closed, row.ToRecord(now));
    }

    private static Task TellAsync(ISendEndpoint lifecycle, Guid jobId, ApprovalRow row, ApprovalClosing closing, CancellationToken cancellationToken)
    {
        return closing switch
        {
            ApprovalClosing.Approve => GiveAsync(row.RuleHash),
            ApprovalClosing.Release release => GiveAsync(release.RuleHash),
            ApprovalClosing.Replace replace => lifecycle.Send(replace.Voided, cancellationToken),
            ApprovalClosing.Refuse refuse => RefuseAsync(refuse.Failure),
            ApprovalClosing.Reject => RefuseAsync(new PolicyFailure { Kind = FailureKinds.ApprovalRejected, Rule = row.Rule, Reason = ApprovalWords.Rejected(row.Comment), PolicyHash = row.PolicyHash }),
            ApprovalClosing.Expire => RefuseAsync(new PolicyFailure { Kind = FailureKinds.ApprovalExpired, Rule = row.Rule, Reason = ApprovalWords.Expired, PolicyHash = row.PolicyHash }),
            _ => throw new InvalidOperationException($"A job that waits is not left alone by {closing.GetType().Name}."),
        };

        Task GiveAsync(string ruleHash) => lifecycle.Send(new ApprovalGiven { JobId = jobId, ApprovalId = row.ApprovalId, RuleHash = ruleHash }, cancellationToken);
        Task RefuseAsync(PolicyFailure failure) => lifecycle.Send(new ApprovalRefused { JobId = jobId, ApprovalId = row.ApprovalId, Failure = failure }, cancellationToken);
    }

    private static IQueryable<ApprovalRow> Apply(IQueryable<ApprovalRow> rows, ApprovalFilter filter, long nowMs)
    {
        rows = filter.Tenant is { } tenant ? rows.Where(a => a.Tenant == tenant) : rows;
        rows = filter.Grant is { } grant ? rows.Where(a => a.Grant == grant) : rows;
        rows = filter.Cli is { } cli ? rows.Where(a => a.Cli == cli) : rows;
        rows = filter.Status switch
        {
            null => rows,
            ApprovalStatus.Pending => rows.Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAtMs > nowMs),
            ApprovalStatus.Expired => rows.Where(a => a.Status == ApprovalStatus.Expired || (a.Status == ApprovalStatus.Pending && a.ExpiresAtMs <= nowMs)),
            var status => rows.Where(a => a.Status == status),
        };
        return filter.After is { } after
            ? rows.Where(a => a.CreatedAtMs < after.CreatedAtMs || (a.CreatedAtMs == after.CreatedAtMs && a.ApprovalId < after.JobId))
            : rows;
    }

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
            throw new StoreUnavailableException("The requests for approval could not be read.", problem);
        }
    }

    private async Task<T> WriteAsync<T>(Func<GatewayDb, ISendEndpointProvider, CancellationToken, Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
            var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
            return await gate.WriteAsync(db, WritePriority.Completion, token => write(db, sender, token), cancellationToken);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The request for approval could not be written.", problem);
        }
    }
}
