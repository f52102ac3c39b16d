namespace Gateway.Api.Mcp.Answers;

/// <summary>What a job changed in its worktree: member <c>worktree</c> of <c>llm_job_result</c>.</summary>
internal sealed record WorktreeAnswer
{
    public required string Name { get; init; }

    public required string Branch { get; init; }

    public required string BaseCommit { get; init; }

    public required int ChangedFiles { get; init; }

    public required long Insertions { get; init; }

    public required long Deletions { get; init; }

    public required long DiffBytes { get; init; }

    /// <summary>The beginning of the diff, as much as fits; only when it was asked for.</summary>
    public string? Diff { get; init; }

    public bool? DiffTruncated { get; init; }
}
