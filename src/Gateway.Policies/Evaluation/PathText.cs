namespace Gateway.Policies.Evaluation;

/// <summary>An absolute path by its segments. Two paths are compared by whole segments, never by characters.</summary>
internal static class PathText
{
    /// <summary>What a path has to be, for messages.</summary>
    public const string Words = "an absolute path without .., ~, backslash and NUL";

    /// <summary>The segments; null where the text does not say for sure which path is meant.</summary>
    public static string[]? SegmentsOf(string path)
    {
        if (!path.StartsWith('/') || path.AsSpan().ContainsAny('~', '\\', '\0'))
        {
            return null;
        }

        var segments = path.Split('/').Where(s => s is not ("" or ".")).ToArray();
        return segments.Contains("..", StringComparer.Ordinal) ? null : segments;
    }

    /// <summary>Whether the path is the other one, or below it.</summary>
    public static bool IsUnder(string[] path, string[] root) => path.AsSpan().StartsWith(root);

    /// <summary>The path in its one spelling.</summary>
    public static string Of(string[] segments) => $"/{string.Join('/', segments)}";
}
