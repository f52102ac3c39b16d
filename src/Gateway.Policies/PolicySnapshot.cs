using Gateway.Policies.Documents;
using Gateway.Policies.Grants;

namespace Gateway.Policies;

/// <summary>All policies and who they are for, as they stood when the files were read. Immutable: a reload makes another one.</summary>
public sealed class PolicySnapshot
{
    private readonly IReadOnlyList<GrantRule> grants;
    private readonly Dictionary<string, Policy> policies;

    internal PolicySnapshot(IReadOnlyList<GrantRule> grants, IEnumerable<Policy> policies, IReadOnlyList<DocumentWarning> warnings)
    {
        this.grants = grants;
        this.policies = policies.ToDictionary(p => p.Name, StringComparer.Ordinal);
        Warnings = warnings;
    }

    /// <summary>The policies.</summary>
    public IReadOnlyCollection<Policy> Policies => policies.Values;

    /// <summary>What loads, and is hardly what its author meant.</summary>
    public IReadOnlyList<DocumentWarning> Warnings { get; }

    /// <summary>What a credential stands for: the first grant in file order that is for it.</summary>
    /// <param name="credential">The credential.</param>
    /// <returns>Null when none is: then every call is refused.</returns>
    public PolicyGrant? Find(Credential credential) => First(grant => grant.Bind(credential, PolicyOf(grant)));

    /// <summary>The grant that a stored job was made under, as it stands now.</summary>
    /// <param name="label">Label of the grant.</param>
    /// <param name="tenant">The tenant of the job.</param>
    /// <param name="value">The grant value of the job's caller.</param>
    /// <returns>Null when it is gone, or is another tenant's now.</returns>
    public PolicyGrant? FindByLabel(string label, string tenant, string value) => First(grant => grant.Bind(label, tenant, value, PolicyOf(grant)));

    /// <summary>The grant of a label, for who asks what it may do and has no credential of it.</summary>
    /// <param name="label">Its label.</param>
    /// <param name="tenant">The tenant; null for the one that the grant names, or else <paramref name="otherwise"/>.</param>
    /// <param name="caller">The grant value; null for the label, and where each subject of an issuer is a caller for one who has not called yet.</param>
    /// <param name="otherwise">The tenant where neither says one.</param>
    /// <returns>Null when there is none.</returns>
    public PolicyGrant? FindAs(string label, string? tenant, string? caller, string otherwise) => First(grant =>
        grant.Bind(label, tenant ?? grant.Tenant ?? otherwise, caller ?? (grant.Match is GrantMatch.Token ? $"{label} " : label), PolicyOf(grant)));

    private Policy? PolicyOf(GrantRule grant) => grant.Policy is null ? null : policies.GetValueOrDefault(grant.Policy);

    private PolicyGrant? First(Func<GrantRule, PolicyGrant?> bind) => grants.Select(bind).FirstOrDefault(found => found is not null);
}
