using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// Where a run may work, judged by the text of the path. The worker judges the real path again: only it sees the
/// links on its disk.
/// </summary>
internal sealed class WorkingDirectoryRule
{
    private const string Field = "workingDir";
    private const string HowToAdd = "add a root: setting Workspaces:Roots, or build/run --root DIR";

    private static readonly HashSet<string> ForbiddenParts = new(StringComparer.OrdinalIgnoreCase)
    {
        ".ssh", ".aws", ".azure", ".config", ".gnupg", ".kube", ".password-store",
    };

    private readonly string[] roots;

    public WorkingDirectoryRule(IEnumerable<string> roots) => this.roots = [.. roots.Select(r => Path.TrimEndingDirectorySeparator(Path.GetFullPath(r)))];

    /// <summary>The path in its plain form, or null when none was sent or it is refused.</summary>
    public string? Check(ParsedArguments arguments)
    {
        if (arguments.Text(Field) is not { } path)
        {
            return null;
        }

        var fault = Find(path);
        if (fault is null)
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        }

        arguments.Faults.Add(Field, path, fault.Value.Limit, fault.Value.Remedy);
        return null;
    }

    private (string Limit, string Remedy)? Find(string path)
    {
        var parts = path.Split('/', '\\');
        if (path.Any(char.IsControl))
        {
            return ("a path without control characters", "remove them");
        }

        if (!Path.IsPathFullyQualified(path))
        {
            return ("an absolute path inside a registered root", "send the absolute path, or leave it out for an empty folder");
        }

        if (parts.Contains("..", StringComparer.Ordinal))
        {
            return ("a path without ..", "send the path that you mean");
        }

        if (parts.FirstOrDefault(ForbiddenParts.Contains) is { } forbidden)
        {
            return ($"no part {forbidden}", "choose a folder that holds no credentials");
        }

        var plain = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return roots.Any(root => plain == root || plain.StartsWith(root == "/" ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            ? null
            : (roots.Length == 0 ? "an absolute path inside a registered root; none is registered" : "an absolute path inside a registered root", HowToAdd);
    }
}
