using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers;

/// <summary>The providers of this worker by name.</summary>
internal sealed class ProviderSet(IEnumerable<IAgentProvider> providers)
{
    private readonly Dictionary<string, IAgentProvider> _providers = providers.ToDictionary(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => _providers.Keys;

    /// <summary>Finds one.</summary>
    /// <exception cref="RunRefusedException">There is none of that name.</exception>
    public IAgentProvider Of(string name) => _providers.GetValueOrDefault(name)
        ?? throw RunRefusedException.Of(FailureKinds.Rejected, $"This worker cannot run '{name}'. It runs: {string.Join(", ", Names)}.");
}
