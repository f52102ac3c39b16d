namespace Gateway.Contracts.Workspaces;

/// <summary>What a path really means once every link in it is followed.</summary>
public static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>Follows every link of a path.</summary>
    /// <param name="path">Absolute path.</param>
    /// <returns>The real path, or null when a part does not exist or links go round in circles.</returns>
    /// <exception cref="UnauthorizedAccessException">A part may not be looked at.</exception>
    public static string? Of(string path)
    {
        var ahead = new Stack<string>(Parts(path).Reverse());
        var real = "/";
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Combine(real, part);
            var target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                if (!Path.Exists(next))
                {
                    return null;
                }

                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? "/" : real;
            foreach (var added in Parts(target).Reverse())
            {
                ahead.Push(added);
            }
        }

        return real;
    }

    /// <summary>Whether a real path is a directory or lies in it.</summary>
    /// <param name="path">Real path.</param>
    /// <param name="root">Real path of a directory.</param>
    public static bool IsWithin(string path, string root) =>
        path == root || root == "/" || path.StartsWith(root + "/", StringComparison.Ordinal);

    private static IEnumerable<string> Parts(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
}
