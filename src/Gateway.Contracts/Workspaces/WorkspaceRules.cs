using Gateway.Contracts.Values;

namespace Gateway.Contracts.Workspaces;

/// <summary>What the section <c>Workspaces:Aliases</c> must be like. The same for API and workers, so that neither starts with what the other refuses.</summary>
public static class WorkspaceRules
{
    /// <summary>The section's name.</summary>
    public const string Section = "Workspaces:Aliases";

    private const int MostNameLength = 64;
    private const int MostPoolLength = 40;

    /// <summary>Everything that is wrong, each with the setting's name.</summary>
    /// <param name="aliases">The members of the section.</param>
    public static IReadOnlyList<string> FaultsOf(IReadOnlyDictionary<string, WorkspaceAlias> aliases) =>
        [.. aliases.SelectMany(one => FaultsOf(one.Key, one.Value)), .. PairsOf(aliases).SelectMany(pair => FaultsOf(pair.One, pair.Other))];

    /// <summary>Whether a path is a directory or lies in it, by whole parts.</summary>
    /// <param name="path">Absolute path in plain form.</param>
    /// <param name="directory">Absolute path in plain form.</param>
    public static bool IsWithin(string path, string directory) =>
        path == directory || directory == "/" || path.StartsWith(directory + "/", StringComparison.Ordinal);

    /// <summary>A path in plain form: no doubled separators, none at the end.</summary>
    /// <param name="path">Absolute path.</param>
    public static string Plain(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static IEnumerable<string> FaultsOf(string name, WorkspaceAlias alias)
    {
        if (!IsName(name))
        {
            yield return $"{Section}:{name}: a name is 1..64 of A-Za-z0-9._-, first a letter, last no dot.";
        }

        if (!Path.IsPathRooted(alias.Path) || alias.Path.Contains('\0', StringComparison.Ordinal))
        {
            yield return $"{Section}:{name}:Path must be an absolute path.";
        }

        foreach (var provider in alias.Providers.Where(one => !AgentClis.All.Contains(one)))
        {
            yield return $"{Section}:{name}:Providers holds '{provider}', which is none of {string.Join(", ", AgentClis.All)}.";
        }

        if (alias.Tenants.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"{Section}:{name}:Tenants holds an empty name. Leave Tenants out to open it to all.";
        }

        if (alias.Pool is { } pool && !IsPool(pool))
        {
            yield return $"{Section}:{name}:Pool must be 1..{MostPoolLength} of a-z0-9-, first a letter.";
        }
    }

    private static IEnumerable<string> FaultsOf(KeyValuePair<string, WorkspaceAlias> one, KeyValuePair<string, WorkspaceAlias> other)
    {
        if (one.Value.Default && other.Value.Default && Share(one.Value.Tenants, other.Value.Tenants) && Share(one.Value.Providers, other.Value.Providers))
        {
            yield return $"{Section}:{other.Key}:Default: {one.Key} is the default of a tenant and a CLI of it too. Only one can be.";
        }

        if (!Path.IsPathRooted(one.Value.Path) || !Path.IsPathRooted(other.Value.Path))
        {
            yield break;
        }

        var (inner, outer) = IsWithin(Plain(one.Value.Path), Plain(other.Value.Path)) ? (one, other) : (other, one);
        if (IsWithin(Plain(inner.Value.Path), Plain(outer.Value.Path)) && !one.Value.Tenants.ToHashSet().SetEquals(other.Value.Tenants))
        {
            // Whoever works in the outer one reads and writes the inner one, whatever its own members say.
            yield return $"{Section}:{inner.Key}:Path lies in that of {outer.Key}, which is open to other tenants. Move one of them, or give both the same Tenants.";
        }
    }

    // Empty means all.
    private static bool Share(IList<string> one, IList<string> other) => one.Count == 0 || other.Count == 0 || one.Intersect(other).Any();

    private static IEnumerable<(KeyValuePair<string, WorkspaceAlias> One, KeyValuePair<string, WorkspaceAlias> Other)> PairsOf(IReadOnlyDictionary<string, WorkspaceAlias> aliases)
    {
        var all = aliases.OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
        return all.SelectMany((one, index) => all.Skip(index + 1).Select(other => (one, other)));
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MostNameLength && char.IsAsciiLetter(name[0]) && name[^1] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsPool(string pool) => pool.Length is > 0 and <= MostPoolLength && char.IsAsciiLetterLower(pool[0])
        && pool.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
