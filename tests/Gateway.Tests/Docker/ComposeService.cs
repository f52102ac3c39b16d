namespace Gateway.Tests.Docker;

/// <summary>One service of the compose file.</summary>
internal sealed class ComposeService(string name, Dictionary<object, object?> node)
{
    public string Name { get; } = name;

    public string Image => ComposeFile.Texts(node.GetValueOrDefault("image")) is [var image] ? image : "";

    public string? Dockerfile => ComposeFile.Map(node.GetValueOrDefault("build")).GetValueOrDefault("dockerfile") as string;

    public string? Context => ComposeFile.Map(node.GetValueOrDefault("build")).GetValueOrDefault("context") as string;

    public IReadOnlyList<string> DependsOn => ComposeFile.Texts(node.GetValueOrDefault("depends_on"));

    public IReadOnlyDictionary<string, string> Environment => ComposeFile.Map(node.GetValueOrDefault("environment"))
        .ToDictionary(pair => (string)pair.Key, pair => ComposeFile.WithDefaults((string)(pair.Value ?? "")));

    /// <summary>Where from, and where to.</summary>
    public IReadOnlyList<(string From, string To)> Volumes =>
        [.. ComposeFile.Texts(node.GetValueOrDefault("volumes")).Select(volume => volume.Split(':')).Select(parts => (parts[0], parts[1]))];

    /// <summary>Whether only a profile starts it.</summary>
    public bool IsOptional => node.ContainsKey("profiles");

    /// <summary>Every text below it that may name a file.</summary>
    public IEnumerable<string> Words => Environment.Values.Concat(ComposeFile.Texts(node.GetValueOrDefault("entrypoint"))).Concat(ComposeFile.Texts(node.GetValueOrDefault("command")));
}
