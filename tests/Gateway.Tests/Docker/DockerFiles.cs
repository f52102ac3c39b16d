using Gateway.Tests.Support;

namespace Gateway.Tests.Docker;

/// <summary>Files of <c>docker/</c>.</summary>
internal static class DockerFiles
{
    public static readonly string[] Images = ["api.Dockerfile", "worker.Dockerfile"];

    public static string Path(string relative) => RepositoryFiles.Path($"docker/{relative}");

    public static IReadOnlyList<string> AllOf(string pattern) => Directory.GetFiles(RepositoryFiles.Path("docker"), pattern, SearchOption.AllDirectories);

    /// <summary>The instructions of a Dockerfile, continued lines joined, comments left out.</summary>
    public static IReadOnlyList<(string Word, string Arguments)> Instructions(string image)
    {
        var text = string.Join('\n', File.ReadLines(Path(image)).Where(line => !line.StartsWith('#'))).Replace("\\\n", " ", StringComparison.Ordinal);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Select(parts => (parts[0], parts[1].Trim()))];
    }

    /// <summary>What an image sets in the environment of its program.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentOf(string image) => Instructions(image)
        .Where(instruction => instruction.Word == "ENV")
        .SelectMany(instruction => instruction.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);
}
