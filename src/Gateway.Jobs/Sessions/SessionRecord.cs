using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Sessions;

/// <summary>A conversation of a caller with one CLI.</summary>
public sealed record SessionRecord
{
    /// <summary>Its id; for Claude Code and Gemini CLI their own id too.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</summary>
    public required string Cli { get; init; }

    /// <summary>Words of the caller, at most 200 characters.</summary>
    public string? Description { get; init; }

    /// <summary>Alias of the workspace that its runs work in.</summary>
    public string? Workspace { get; init; }

    /// <summary>Absolute; null where runs work in a directory that is kept with the session.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Its worktree, as JSON.</summary>
    public string? WorktreeJson { get; init; }

    /// <summary>The CLI's own id where it is another one; null while nothing is known.</summary>
    public string? ProviderSessionId { get; init; }

    /// <summary>As its last run reported.</summary>
    public string? Model { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a job of it was accepted or ended last.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>Calls that name no session go on with it.</summary>
    public bool IsActive { get; init; }

    /// <summary>Jobs that it has had.</summary>
    public int JobCount { get; init; }

    /// <summary>The newest of them.</summary>
    public Guid? LastJobId { get; init; }

    /// <summary>A run of it has left a transcript: there is something to go on with.</summary>
    public bool HasBegun { get; init; }

    /// <summary>US dollars of the whole conversation; null when nothing was reported.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Tokens of the whole conversation; null when nothing was reported.</summary>
    public TokenUsage? Usage { get; init; }
}
