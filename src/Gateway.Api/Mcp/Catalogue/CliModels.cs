namespace Gateway.Api.Mcp.Catalogue;

/// <summary>Models of one CLI.</summary>
internal sealed record CliModels
{
    public required string Description { get; init; }

    /// <summary>A note by name; may be empty.</summary>
    public required IReadOnlyDictionary<string, string> Models { get; init; }

    /// <summary>What a run has when nothing is asked for; null when that is not known.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>The model that a word stands for.</summary>
    public required IReadOnlyDictionary<string, string> Aliases { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }
}
