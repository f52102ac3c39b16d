namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>session_clear_all</c> answers.</summary>
internal sealed record SessionsClearedAnswer
{
    public bool Success => true;

    public required int DeletedCount { get; init; }

    /// <summary>A job needs them.</summary>
    public required int SkippedCount { get; init; }

    /// <summary>A CLI, or <c>all</c>.</summary>
    public required string Cli { get; init; }
}
