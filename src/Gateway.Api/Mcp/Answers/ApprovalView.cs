using Gateway.Jobs;
using Gateway.Jobs.Approvals;

namespace Gateway.Api.Mcp.Answers;

/// <summary>A request for approval as people read it.</summary>
internal sealed record ApprovalView
{
    /// <summary>Stands where a prompt was, for those who may see that it is there and not what it says.</summary>
    public const string Redacted = "[redacted]";

    public required string Id { get; init; }

    /// <summary>When it was asked.</summary>
    public required DateTimeOffset Ts { get; init; }

    /// <summary>One of <see cref="ApprovalStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary><c>job</c> or <c>repeat</c>.</summary>
    public required string Mode { get; init; }

    public required string Policy { get; init; }

    public required string Rule { get; init; }

    public required string Reason { get; init; }

    /// <summary>Left out where the call starts no CLI.</summary>
    public string? Cli { get; init; }

    /// <summary>The tool.</summary>
    public required string Operation { get; init; }

    public required IReadOnlyList<string> ArgumentNames { get; init; }

    /// <summary>The rule's reason, and what else a person should know of the run.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>First 500 characters of the prompt, or <see cref="Redacted"/>.</summary>
    public string? PromptPreview { get; init; }

    /// <summary>Keyed hash: the same for equal prompts.</summary>
    public string? PromptSha256 { get; init; }

    /// <summary>By the names under which they are registered.</summary>
    public required IReadOnlyList<string> RequestedMcpServers { get; init; }

    public required bool BypassRequested { get; init; }

    public required bool FullAuto { get; init; }

    public string? JobId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Comment { get; init; }

    /// <summary>The tenant whose call it is; for operators, who see all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Label of the grant that called; for operators.</summary>
    public string? Owner { get; init; }

    /// <summary>The view of a request.</summary>
    /// <param name="record">The request.</param>
    /// <param name="redacted">Without what the prompt says.</param>
    public static ApprovalView Of(ApprovalRecord record, bool redacted) => new()
    {
        Id = ApprovalIdText.Format(record.Id),
        Ts = record.CreatedAt,
        Status = record.Status,
        Mode = record.Mode,
        Policy = record.Policy,
        Rule = record.Rule,
        Reason = record.Reason,
        Cli = record.Cli.Length > 0 ? record.Cli : null,
        Operation = record.Tool,
        ArgumentNames = record.ArgumentNames,
        Reasons = [record.Reason, .. MoreReasons(record)],
        PromptPreview = record.PromptPreview is not null && redacted ? Redacted : record.PromptPreview,
        PromptSha256 = record.PromptHash,
        RequestedMcpServers = record.McpServers,
        BypassRequested = record.BypassRequested,
        FullAuto = record.FullAuto,
        JobId = record.JobId is { } job ? JobIdText.Format(job) : null,
        ExpiresAt = record.ExpiresAt,
        DecidedBy = record.DecidedBy,
        DecidedAt = record.DecidedAt,
        Comment = record.Comment,
    };

    private static IEnumerable<string> MoreReasons(ApprovalRecord record)
    {
        if (record.BypassRequested)
        {
            yield return "the run would ask nobody before it acts";
        }

        if (record.FullAuto)
        {
            yield return "the run would go by the full automation of its CLI";
        }
    }
}
