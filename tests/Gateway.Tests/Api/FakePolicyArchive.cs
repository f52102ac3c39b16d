using System.Collections.Concurrent;
using Gateway.Jobs.Policies;

namespace Gateway.Tests.Api;

/// <summary>Keeps policies in memory.</summary>
internal sealed class FakePolicyArchive : IPolicyArchive
{
    private readonly ConcurrentDictionary<string, PolicyText> kept = new(StringComparer.Ordinal);

    public IReadOnlyCollection<PolicyText> Kept => [.. kept.Values];

    public Task KeepAsync(IReadOnlyList<PolicyText> policies, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            kept.TryAdd(policy.Hash, policy);
        }

        return Task.CompletedTask;
    }

    public Task<PolicyText?> FindAsync(string hash, CancellationToken cancellationToken) => Task.FromResult(kept.GetValueOrDefault(hash));
}
