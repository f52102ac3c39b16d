namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>session_create</c> and <c>session_get</c> answer.</summary>
internal sealed record SessionAnswer
{
    public bool Success => true;

    public required SessionView Session { get; init; }
}
