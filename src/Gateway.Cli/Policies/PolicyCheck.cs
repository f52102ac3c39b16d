using System.Text.Json;
using Gateway.Policies;
using Gateway.Policies.Documents;

namespace Gateway.Cli.Policies;

/// <summary>What a gateway would say of a policy file, and of a grants file with it.</summary>
/// <param name="Faults">What would keep it from being loaded.</param>
/// <param name="Warnings">What loads, and is hardly what its author meant.</param>
/// <param name="Policy">The policy; null when its file has faults.</param>
internal sealed record PolicyCheck(IReadOnlyList<DocumentFault> Faults, IReadOnlyList<DocumentWarning> Warnings, Policy? Policy)
{
    private const string Pattern = "*.json";

    /// <summary>Checks.</summary>
    /// <param name="path">The policy file.</param>
    /// <param name="grantsPath">The grants file; null for none. The policies that it names lie beside it; the file stands for the one of its name.</param>
    /// <param name="catalog">The tools that exist.</param>
    public static PolicyCheck Of(string path, string? grantsPath, ToolCatalog catalog)
    {
        if (Read(path, out var unreadable) is not { } file)
        {
            return new PolicyCheck([unreadable], [], null);
        }

        var alone = SnapshotLoader.LoadOne(file, [], catalog);
        var policy = alone.Snapshot?.Policies.Single();
        var warnings = alone.Snapshot?.Warnings ?? [];
        if (grantsPath is null)
        {
            return new PolicyCheck(alone.Faults, warnings, policy);
        }

        var (together, further) = WithGrants(file, grantsPath, catalog);
        return new PolicyCheck([.. alone.Faults.Concat(together.Faults).Distinct()], [.. warnings.Concat(together.Snapshot?.Warnings ?? []).Concat(further).Distinct()], policy);
    }

    private static (LoadResult Result, IEnumerable<DocumentWarning> Further) WithGrants(DocumentFile file, string path, ToolCatalog catalog)
    {
        if (Read(path, out var unreadable) is not { } grants)
        {
            return (new LoadResult(null, [unreadable]), []);
        }

        List<DocumentFile> files = [file];
        List<DocumentFault> unread = [];
        foreach (var beside in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", Pattern).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(beside);
            if (name == grants.Name || name == file.Name || !Names(grants, name))
            {
                continue;
            }

            if (Read(beside, out var fault) is { } found)
            {
                files.Add(found);
            }
            else
            {
                unread.Add(fault);
            }
        }

        var result = SnapshotLoader.Load(grants, files, catalog);
        return (unread.Count > 0 ? new LoadResult(null, [.. unread, .. result.Faults]) : result, Names(grants, file.Name)
            ? []
            : [new DocumentWarning("W09", file.Name, "", $"{grants.Name} does not name this file: no grant is bound to it. Add it to policies there, under a name that a grant has.")]);
    }

    // Of a file that is not read as JSON the loader says why; until then none of its neighbours is named.
    private static bool Names(DocumentFile grants, string file)
    {
        try
        {
            using var json = JsonDocument.Parse(grants.Content);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("policies", out var policies) && policies.ValueKind == JsonValueKind.Object
                && policies.EnumerateObject().Any(one => one.Value.ValueKind == JsonValueKind.String && one.Value.ValueEquals(file));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static DocumentFile? Read(string path, out DocumentFault unreadable)
    {
        var name = Path.GetFileName(path);
        unreadable = new DocumentFault(name, "", 0, 0, "");
        try
        {
            return new DocumentFile(name, File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            unreadable = unreadable with { Message = $"The file cannot be read: {problem.Message}" };
            return null;
        }
    }
}
