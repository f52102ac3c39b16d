using Gateway.Jobs.Policies;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Policies;

/// <summary>Keeps each policy once. Of two processes that load the same files at once the second finds the row of the first.</summary>
internal sealed class PolicyArchive(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, TimeProvider clock) : IPolicyArchive
{
    public async Task KeepAsync(IReadOnlyList<PolicyText> policies, CancellationToken cancellationToken)
    {
        foreach (var policy in policies.DistinctBy(p => p.Hash, StringComparer.Ordinal))
        {
            if (await FindAsync(policy.Hash, cancellationToken) is null)
            {
                await AddAsync(policy, cancellationToken);
            }
        }
    }

    public async Task<PolicyText?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.PolicyTexts.AsNoTracking().Where(p => p.Hash == hash).Select(p => new PolicyText(p.Hash, p.Name, p.Text)).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task AddAsync(PolicyText policy, CancellationToken cancellationToken)
    {
        try
        {
            await retry.RunAsync(async _ =>
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                db.PolicyTexts.Add(new PolicyTextRow { Hash = policy.Hash, Name = policy.Name, Text = policy.Text, FirstSeenAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds() });
                return await gate.WriteAsync(db, WritePriority.Submit, _ => Task.FromResult(true), cancellationToken);
            });
        }
        catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await FindAsync(policy.Hash, cancellationToken) is null)
            {
                throw;
            }
        }
    }
}
