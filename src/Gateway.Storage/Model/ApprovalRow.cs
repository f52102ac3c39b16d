namespace Gateway.Storage.Model;

/// <summary>A call that a person has to decide.</summary>
public sealed class ApprovalRow
{
    /// <summary>16 random bytes; its public text is <c>apr_</c> and base32 of them.</summary>
    public Guid ApprovalId { get; init; }

    public string Tenant { get; init; } = null!;

    /// <summary>Grant value of the caller: nobody of it may decide.</summary>
    public string Grant { get; init; } = null!;

    public string GrantLabel { get; init; } = null!;

    public string Cli { get; init; } = null!;

    public string Tool { get; init; } = null!;

    /// <summary><c>job</c> or <c>repeat</c>.</summary>
    public string Mode { get; init; } = null!;

    /// <summary><c>pending</c>, <c>approved</c>, <c>rejected</c>, <c>expired</c> or <c>void</c>.</summary>
    public string Status { get; set; } = null!;

    public string Policy { get; init; } = null!;

    public string PolicyHash { get; init; } = null!;

    public string Rule { get; init; } = null!;

    /// <summary>Hash of the tool's normalised rule: another rule voids the consent.</summary>
    public string RuleHash { get; init; } = null!;

    public string Reason { get; init; } = null!;

    /// <summary>Keyed hash of what makes two calls the same.</summary>
    public string CallHash { get; init; } = null!;

    /// <summary>Sorted top-level names, a JSON list.</summary>
    public string ArgumentNamesJson { get; init; } = "[]";

    /// <summary>Names of the MCP servers that the run is to have: a JSON list; null for none.</summary>
    public string? McpServersJson { get; init; }

    public string? PromptPreview { get; init; }

    /// <summary>Keyed hash of the prompt.</summary>
    public string? PromptSha256 { get; init; }

    public bool BypassRequested { get; init; }

    public bool FullAuto { get; init; }

    /// <summary>The waiting job of mode <c>job</c>.</summary>
    public Guid? JobId { get; init; }

    public long CreatedAtMs { get; init; }

    public long ExpiresAtMs { get; init; }

    public long? DecidedAtMs { get; set; }

    public string? DecidedBy { get; set; }

    public string? Comment { get; set; }

    /// <summary>When the consent of mode <c>repeat</c> was used up.</summary>
    public long? UsedAtMs { get; set; }
}
