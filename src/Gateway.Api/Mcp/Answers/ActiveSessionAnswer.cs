namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>session_set_active</c> answers.</summary>
internal sealed record ActiveSessionAnswer
{
    public bool Success => true;

    public required string Cli { get; init; }

    public Guid? ActiveSessionId { get; init; }
}
