using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What a list answers.</summary>
internal sealed record ListAnswer
{
    public bool Success => true;

    public required IReadOnlyList<JobView> Jobs { get; init; }

    public string? NextCursor { get; init; }
}
