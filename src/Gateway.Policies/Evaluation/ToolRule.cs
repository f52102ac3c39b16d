using Gateway.Policies.Approvals;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>What a policy says of one tool.</summary>
internal sealed record ToolRule
{
    // The name of the tool is no part of the normal form.
    private static readonly string EmptyHash = NormalForm.HashOf(new ToolRule { Tool = "" });

    public required string Tool { get; init; }

    public bool IsDenied { get; init; }

    /// <summary>What the caller of a denied tool reads.</summary>
    public string? Reason { get; init; }

    public IReadOnlyList<Predicate> Require { get; init; } = [];

    public IReadOnlyList<Predicate> DenyIf { get; init; } = [];

    public IReadOnlyList<LimitRule> Limits { get; init; } = [];

    public ApprovalRule? Approval { get; init; }

    /// <summary>Hash of its normal form: consent is bound to it.</summary>
    public string Hash { get; init; } = "";

    /// <summary>The rule of a tool that the file does not name, or names with <c>{}</c>.</summary>
    public static ToolRule Unnamed(string tool) => new() { Tool = tool, Hash = EmptyHash };
}
