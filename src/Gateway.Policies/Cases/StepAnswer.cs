using System.Text.Json.Nodes;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Cases;

/// <summary>What came of a step. Null is what the step has nothing to say about.</summary>
public sealed record StepAnswer
{
    /// <summary>The policy let the call through.</summary>
    public bool? IsAllowed { get; init; }

    /// <summary>What the caller reads.</summary>
    public string Text { get; init; } = "";

    /// <summary>Kind of the error, or of the job's failure.</summary>
    public string? Kind { get; init; }

    /// <summary>Rule of the error, or of the job's failure.</summary>
    public string? Rule { get; init; }

    public decimal? Limit { get; init; }

    public decimal? Remaining { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public string? PolicyHash { get; init; }

    /// <summary>The states that the job was seen in during the step, the newest last.</summary>
    public IReadOnlyList<string> JobStates { get; init; } = [];

    /// <summary>Any process of the job was ever started.</summary>
    public bool? IsStarted { get; init; }

    /// <summary>The job that the call made, where a gateway tells it.</summary>
    public string? JobId { get; init; }

    public string? ApprovalId { get; init; }

    /// <summary>The control did what it was told.</summary>
    public bool? IsOk { get; init; }

    /// <summary>The policy was loaded.</summary>
    public bool? IsPolicyAccepted { get; init; }

    public IReadOnlyList<string>? Listed { get; init; }

    public IReadOnlyList<JsonObject>? Audit { get; init; }

    /// <summary>The answer to a call that was refused.</summary>
    public static StepAnswer Of(Refusal refusal) => new()
    {
        IsAllowed = false,
        Text = $"Refused by policy: {refusal.Reason}.{(refusal.RetryAfterSeconds is { } seconds ? $" Retry in {seconds} s." : "")}",
        Kind = refusal.Kind,
        Rule = refusal.Rule,
        Limit = refusal.Limit,
        Remaining = refusal.Remaining,
        RetryAfterSeconds = refusal.RetryAfterSeconds,
        PolicyHash = refusal.PolicyHash,
        ApprovalId = refusal.ApprovalId?.ToString("N"),
    };
}
