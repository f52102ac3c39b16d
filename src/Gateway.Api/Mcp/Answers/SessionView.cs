using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;

namespace Gateway.Api.Mcp.Answers;

/// <summary>A session as its owner sees it.</summary>
internal sealed record SessionView
{
    public required Guid Id { get; init; }

    public required string Cli { get; init; }

    public string? Description { get; init; }

    public string? Workspace { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not of a new one.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>Not of a new one.</summary>
    public int? JobCount { get; init; }

    public string? Model { get; init; }

    /// <summary>As its caller named it. What an alias stands for is not told.</summary>
    public string? WorkingDir { get; init; }

    public JsonElement? Worktree { get; init; }

    public string? LastJobId { get; init; }

    /// <summary>Of the whole conversation.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Of the whole conversation.</summary>
    public TokenUsage? Usage { get; init; }

    public string? ProviderSessionId { get; init; }

    /// <summary>What <c>session_create</c> answers.</summary>
    public static SessionView OfNew(SessionRecord session) => new()
    {
        Id = session.Id,
        Cli = session.Cli,
        Description = session.Description,
        Workspace = session.Workspace,
        CreatedAt = session.CreatedAt,
        IsActive = session.IsActive,
    };

    /// <summary>An entry of a list.</summary>
    public static SessionView OfListed(SessionRecord session) => OfNew(session) with { LastUsedAt = session.LastUsedAt, JobCount = session.JobCount };

    /// <summary>What <c>session_get</c> answers.</summary>
    public static SessionView Of(SessionRecord session) => OfListed(session) with
    {
        Model = session.Model,
        WorkingDir = session.Workspace is null ? session.WorkingDirectory : null,
        Worktree = session.WorktreeJson is { } json ? JsonElement.Parse(json) : null,
        LastJobId = session.LastJobId is { } job ? JobIdText.Format(job) : null,
        CostUsd = session.CostUsd,
        Usage = session.Usage,
        ProviderSessionId = session.ProviderSessionId,
    };
}
