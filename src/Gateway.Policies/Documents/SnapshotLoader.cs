using Gateway.Policies.Grants;

namespace Gateway.Policies.Documents;

/// <summary>Makes a snapshot of files that somebody else has read. All faults of all files are told at once.</summary>
public static class SnapshotLoader
{
    /// <summary>Of a grants file and the policy files that it names.</summary>
    /// <param name="grants">The grants file.</param>
    /// <param name="files">The policy files, by the names that the grants file has for them; others are passed over.</param>
    /// <param name="catalog">The tools that exist.</param>
    public static LoadResult Load(DocumentFile grants, IReadOnlyList<DocumentFile> files, ToolCatalog catalog)
    {
        var faults = new DocumentFaults(grants);
        var read = DocumentParser.Parse(grants, faults) is { } root ? GrantsReader.Read(root, [.. files.Select(f => f.Name)], faults) : new GrantsDocument([], []);
        var loaded = read.Policies.Select(one => (one.Name, One: files.FirstOrDefault(f => f.Name == one.File))).Where(one => one.One is not null)
            .Select(one => Policy(one.Name, one.One ?? grants, catalog)).ToList();
        return Result([.. faults.All, .. loaded.SelectMany(l => l.Faults)], read.Grants, loaded, GrantWarnings.Of(grants.Name, read));
    }

    /// <summary>Of one policy for given grants, each of which is bound to it whatever policy it names.</summary>
    /// <param name="file">The policy file; its name without <c>.json</c> is the policy's.</param>
    /// <param name="grants">For whom it is, in the order in which they are asked.</param>
    /// <param name="catalog">The tools that exist.</param>
    public static LoadResult LoadOne(DocumentFile file, IReadOnlyList<GrantRule> grants, ToolCatalog catalog)
    {
        var name = NameOf(file);
        var loaded = Policy(name, file, catalog);
        return Result(loaded.Faults, [.. grants.Select(grant => grant with { Policy = name })], [loaded], []);
    }

    /// <summary>Of a folder without a grants file: <c>NAME.json</c> is the policy of the keys that carry the label NAME.</summary>
    /// <param name="files">The policy files.</param>
    /// <param name="tenant">The tenant of all of them; null: that of the key.</param>
    /// <param name="catalog">The tools that exist.</param>
    public static LoadResult LoadFolder(IReadOnlyList<DocumentFile> files, string? tenant, ToolCatalog catalog)
    {
        var loaded = files.Select(file => Policy(NameOf(file), file, catalog)).ToList();
        var grants = files.Select(NameOf).Select(name => new GrantRule { Label = name, Tenant = tenant, Policy = name, Match = new GrantMatch.ApiKey(name) });
        return Result([.. loaded.SelectMany(l => l.Faults)], [.. grants], loaded, []);
    }

    private static LoadResult Result(IReadOnlyList<DocumentFault> faults, IReadOnlyList<GrantRule> grants, List<LoadedPolicy> loaded, IEnumerable<DocumentWarning> warnings) =>
        faults.Count > 0
            ? new LoadResult(null, faults)
            : new LoadResult(new PolicySnapshot(grants, loaded.Select(l => l.Policy).OfType<Policy>(), [.. warnings, .. loaded.SelectMany(l => l.Warnings)]), []);

    private static LoadedPolicy Policy(string name, DocumentFile file, ToolCatalog catalog)
    {
        var faults = new DocumentFaults(file);
        if (DocumentParser.Parse(file, faults) is not { } root)
        {
            return new LoadedPolicy(null, faults.All, []);
        }

        var rules = PolicyReader.Read(root, catalog, faults);
        return faults.Any
            ? new LoadedPolicy(null, faults.All, [])
            : new LoadedPolicy(new Policy(name, rules), [], [.. PolicyWarnings.Of(file.Name, rules, catalog)]);
    }

    private static string NameOf(DocumentFile file) => Path.GetFileNameWithoutExtension(file.Name);

    private sealed record LoadedPolicy(Policy? Policy, IReadOnlyList<DocumentFault> Faults, IReadOnlyList<DocumentWarning> Warnings);
}
