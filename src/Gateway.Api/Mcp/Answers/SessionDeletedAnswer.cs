namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>session_delete</c> answers.</summary>
internal sealed record SessionDeletedAnswer
{
    public bool Success => true;

    public required DeletedSession DeletedSession { get; init; }
}
