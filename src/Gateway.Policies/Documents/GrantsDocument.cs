using Gateway.Policies.Grants;

namespace Gateway.Policies.Documents;

/// <summary>What a grants file says.</summary>
/// <param name="Policies">The policies by their names, with the names of their files.</param>
/// <param name="Grants">The grants, in file order.</param>
internal sealed record GrantsDocument(IReadOnlyList<(string Name, string File)> Policies, IReadOnlyList<GrantRule> Grants);
