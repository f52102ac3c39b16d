namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>session_list</c> answers.</summary>
internal sealed record SessionListAnswer
{
    public bool Success => true;

    /// <summary>On all pages.</summary>
    public required int Total { get; init; }

    public required IReadOnlyList<SessionView> Sessions { get; init; }

    /// <summary>By CLI; only those that have one.</summary>
    public required IReadOnlyDictionary<string, Guid> ActiveSessions { get; init; }

    public string? NextCursor { get; init; }
}
