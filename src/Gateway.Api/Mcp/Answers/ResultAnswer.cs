using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>llm_job_result</c> answers.</summary>
internal sealed record ResultAnswer
{
    public bool Success => true;

    /// <summary>The job view, and beside its members those of the pages of its streams.</summary>
    public required JsonObject Result { get; init; }

    /// <summary>The answer, when one was found.</summary>
    public ParsedAnswer? Parsed { get; init; }

    /// <summary>What the job changed in its worktree; null without one.</summary>
    public WorktreeAnswer? Worktree { get; init; }

    /// <summary>What the caller should know of the run; null for nothing.</summary>
    public IReadOnlyList<Warning>? Warnings { get; init; }
}
