using Gateway.Contracts.Workspaces;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>
/// The turn of a directory in which runs change files. Where this process sees the directory, its turn is that of what it really is, so
/// that two names that lead to it are one; a directory that only workers see has the turn of its name, until the worker that would run there
/// says which one it is.
/// </summary>
internal static class DirectoryTurn
{
    /// <summary>Names the turn.</summary>
    /// <param name="pool">Pool whose workers have the directory.</param>
    /// <param name="directory">Absolute path in its plain form, in a workspace or a root.</param>
    public static string Of(string pool, string directory) => DirectoryTurnKey.Of(pool, Real(directory) ?? directory);

    private static string? Real(string directory)
    {
        try
        {
            return RealPath.Of(directory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
