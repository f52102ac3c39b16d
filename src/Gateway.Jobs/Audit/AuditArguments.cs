namespace Gateway.Jobs.Audit;

/// <summary>What the audit log says of a call's arguments: their names, never a value.</summary>
public static class AuditArguments
{
    private const string Unknown = "(unknown)";

    /// <summary>The names in ordinal order; one that the tool does not know may itself be a secret in the wrong place, so it is not repeated.</summary>
    /// <param name="names">Top-level names as sent.</param>
    /// <param name="known">The names of the tool's schema.</param>
    public static IReadOnlyList<string> NamesOf(IEnumerable<string> names, IReadOnlySet<string> known) =>
        [.. names.Select(name => known.Contains(name) ? name : Unknown).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
