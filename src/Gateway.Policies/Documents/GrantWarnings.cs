namespace Gateway.Policies.Documents;

/// <summary>W09: grants that nobody decides about, and policies that nobody is bound to.</summary>
internal static class GrantWarnings
{
    public static IEnumerable<DocumentWarning> Of(string file, GrantsDocument grants) =>
    [
        .. grants.Grants.Index().Where(g => g.Item.Policy is null)
            .Select(g => new DocumentWarning("W09", file, $"/grants/{g.Index}", $"The grant {g.Item.Label} has no policy: each of its calls is refused. Bind one with policy, or remove the grant.")),
        .. grants.Policies.Where(p => !grants.Grants.Any(g => g.Policy == p.Name))
            .Select(p => new DocumentWarning("W09", file, DocumentNode.Below("/policies", p.Name), $"No grant is bound to the policy {p.Name}. Bind one, or remove the policy.")),
    ];
}
