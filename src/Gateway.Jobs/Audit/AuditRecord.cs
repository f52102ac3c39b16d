using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Audit;

/// <summary>One record of the audit log: who did what, and what was decided. Never the value of an argument, a prompt or an output.</summary>
public sealed record AuditRecord
{
    /// <summary>When it began, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Name of this decision, in logs and traces too.</summary>
    public Guid DecisionId { get; init; } = Guid.NewGuid();

    /// <summary>The client's id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>W3C trace id.</summary>
    public string? TraceId { get; init; }

    /// <summary>Tenant of the caller.</summary>
    public string? Tenant { get; init; }

    /// <summary>Label of the caller's grant.</summary>
    public string? Grant { get; init; }

    /// <summary>Grant value of the caller; of an operator <c>operator:</c> and the user id.</summary>
    public string? Caller { get; init; }

    /// <summary>Session of the transport.</summary>
    public string? Session { get; init; }

    /// <summary>Address that the act came from.</summary>
    public string? Address { get; init; }

    /// <summary>Method of the protocol, such as <c>tools/call</c>, or what happened, such as <c>job/cost</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The tool.</summary>
    public string? Tool { get; init; }

    /// <summary>What it was about where that is no job: a key's label, a policy's name, a dead letter.</summary>
    public string? Subject { get; init; }

    /// <summary>One of <see cref="AuditDecisions"/>.</summary>
    public required string Decision { get; init; }

    /// <summary>Why it was refused, such as a word of <see cref="RefusalKinds"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Rule pointer.</summary>
    public string? Rule { get; init; }

    /// <summary>The reason that the caller was told, or what a person said.</summary>
    public string? Reason { get; init; }

    /// <summary>Name of the policy.</summary>
    public string? Policy { get; init; }

    /// <summary>Its hash.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>Names of the arguments; see <see cref="AuditArguments"/>.</summary>
    public IReadOnlyList<string> ArgumentNames { get; init; } = [];

    /// <summary>Keyed hash of the arguments: id of the key, a colon and 64 hex digits. A plain hash of short arguments could be guessed.</summary>
    public string? ArgumentsHash { get; init; }

    /// <summary>The job that it made or was about.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The counters that it moved.</summary>
    public IReadOnlyList<AuditCounter> Counters { get; init; } = [];

    /// <summary>The request that a person decides.</summary>
    public Guid? ApprovalId { get; init; }

    /// <summary>Who decided it.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>A call was judged again when its job was to start.</summary>
    public bool SecondLook { get; init; }

    /// <summary>What was reserved, in USD.</summary>
    public decimal? ReservedUsd { get; init; }

    /// <summary>What it really cost, in USD.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>From <see cref="At"/> until it was decided; filled in when it is written.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The same act, refused.</summary>
    /// <param name="refusal">Why.</param>
    public AuditRecord Denied(Refusal refusal) => this with
    {
        Decision = AuditDecisions.Denied,
        Kind = refusal.Kind,
        Rule = refusal.Rule,
        Reason = refusal.Reason,
        PolicyHash = refusal.PolicyHash ?? PolicyHash,
        ApprovalId = refusal.ApprovalId ?? ApprovalId,
    };
}
