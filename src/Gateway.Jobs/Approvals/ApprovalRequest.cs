using Gateway.Policies.Approvals;

namespace Gateway.Jobs.Approvals;

/// <summary>What a person is asked about: one call, exactly as it was made, under exactly one rule.</summary>
public sealed record ApprovalRequest
{
    /// <summary>When it was made, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who called, and may not decide.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Label of the caller's grant.</summary>
    public required string GrantLabel { get; init; }

    /// <summary>The CLI that the call is for; empty where it is for none.</summary>
    public string Cli { get; init; } = "";

    /// <summary>The tool that was called.</summary>
    public required string Tool { get; init; }

    /// <summary>How the rule asks.</summary>
    public required ApprovalTerms Terms { get; init; }

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Hash of the policy.</summary>
    public required string PolicyHash { get; init; }

    /// <summary>Hash of the tool's rule: under another one the consent counts no more.</summary>
    public required string RuleHash { get; init; }

    /// <summary>Keyed hash of what makes two calls the same; see <see cref="CallSeal"/>.</summary>
    public required string CallHash { get; init; }

    /// <summary>Names of the arguments, in ordinal order.</summary>
    public IReadOnlyList<string> ArgumentNames { get; init; } = [];

    /// <summary>Names of the MCP servers that the run is to have.</summary>
    public IReadOnlyList<string> McpServers { get; init; } = [];

    /// <summary>The prompt, of which the first 500 characters are kept for the person.</summary>
    public string? Prompt { get; init; }

    /// <summary>Keyed hash of the prompt.</summary>
    public string? PromptHash { get; init; }

    /// <summary>The run would ask nobody for permissions.</summary>
    public bool BypassRequested { get; init; }

    /// <summary>The run would go by the CLI's full automation.</summary>
    public bool FullAuto { get; init; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt => At + Terms.Timeout;
}
