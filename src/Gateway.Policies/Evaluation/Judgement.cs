using Gateway.Policies.Approvals;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>What a policy says of one call before anything is counted.</summary>
public sealed record Judgement
{
    /// <summary>Why it may not pass; null when the rest applies.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Hash of the policy, <c>sha256:</c> and 16 hex digits.</summary>
    public required string PolicyHash { get; init; }

    /// <summary>Hash of the tool's own normalised rule: consent is bound to it.</summary>
    public required string RuleHash { get; init; }

    /// <summary>The limits that count it, in the order of the file: the tool's, then those of all tools.</summary>
    public IReadOnlyList<CounterLimit> Limits { get; init; } = [];

    /// <summary>The limits on jobs, in the same order; those of kind <see cref="JobCapKind.Queued"/> can refuse it.</summary>
    public IReadOnlyList<JobCap> Caps { get; init; } = [];

    /// <summary>
    /// What went wrong in the engine itself, so that nothing could be judged; else null. To be told by its type and place alone: its
    /// message may hold a value of an argument.
    /// </summary>
    public Exception? Fault { get; init; }

    /// <summary>How a person is to be asked; null when nobody is.</summary>
    public ApprovalTerms? Approval { get; init; }
}
