namespace Gateway.Api.Mcp.Workspaces;

/// <summary>What the text of a path may be like, wherever it shall lead.</summary>
internal static class PathWords
{
    private static readonly HashSet<string> ForbiddenParts = new(StringComparer.OrdinalIgnoreCase)
    {
        ".ssh", ".aws", ".azure", ".config", ".gnupg", ".kube", ".password-store",
    };

    /// <summary>What is wrong with a path, and what to do about it; null for nothing.</summary>
    /// <param name="path">As it was sent.</param>
    public static (string Limit, string Remedy)? FaultOf(string path)
    {
        var parts = path.Split('/', '\\');
        if (path.Any(char.IsControl))
        {
            return ("a path without control characters", "remove them");
        }

        if (parts.Contains("..", StringComparer.Ordinal))
        {
            return ("a path without ..", "send the path that you mean");
        }

        return parts.FirstOrDefault(ForbiddenParts.Contains) is { } forbidden
            ? ($"no part {forbidden}", "choose a folder that holds no credentials")
            : null;
    }

    /// <summary>Whether a path can be meant relative to a workspace: what other systems take for an absolute one, or for a home, cannot.</summary>
    /// <param name="path">As it was sent.</param>
    public static bool IsRelative(string path) => !Path.IsPathRooted(path) && path[0] != '~' && !path.Contains('\\', StringComparison.Ordinal) && !path.Contains(':', StringComparison.Ordinal);
}
