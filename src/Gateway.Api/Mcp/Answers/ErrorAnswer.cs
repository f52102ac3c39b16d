namespace Gateway.Api.Mcp.Answers;

/// <summary>What a failed call answers.</summary>
/// <param name="Error">The error.</param>
internal sealed record ErrorAnswer(ErrorRecord Error)
{
    public bool Success => false;
}
