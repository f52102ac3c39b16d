using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Policies;

/// <summary>What would become of a call that nobody has made.</summary>
internal sealed record PolicyExplanation
{
    public required string Tool { get; init; }

    /// <summary>Label of the grant that it was judged for.</summary>
    public required string Grant { get; init; }

    public required string Tenant { get; init; }

    public string? Policy { get; init; }

    public string? PolicyHash { get; init; }

    /// <summary><c>allowed</c>, <c>denied</c>, or <c>held</c> until a person has decided.</summary>
    public required string Decision { get; init; }

    /// <summary>Kind of the error that the caller would get; null for none.</summary>
    public string? Kind { get; init; }

    public string? Rule { get; init; }

    public string? Reason { get; init; }

    /// <summary>When the same call could pass.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What is wrong with the arguments themselves.</summary>
    public IReadOnlyList<ArgumentFault>? Faults { get; init; }

    /// <summary>The counters of the call; null where none was asked.</summary>
    public IReadOnlyList<CounterView>? Counters { get; init; }

    /// <summary>Its limits on jobs.</summary>
    public IReadOnlyList<CapView>? Caps { get; init; }

    /// <summary>How a person would be asked.</summary>
    public ApprovalView? Approval { get; init; }

    /// <summary>Counters and jobs are those of a store; false for a file alone, which knows of nobody's use.</summary>
    public bool Live { get; init; }

    /// <summary>A counter as it stands, without this call.</summary>
    internal sealed record CounterView(string Rule, string Scope, decimal Amount, decimal Max, decimal Used, decimal Remaining, DateTimeOffset WindowEndsAt);

    /// <summary>A limit on jobs; null jobs where they were not counted: a cap of running jobs refuses no call.</summary>
    internal sealed record CapView(string Rule, string Kind, int Max, int? Jobs);

    /// <summary>The terms of a request for approval.</summary>
    internal sealed record ApprovalView(string Mode, double TimeoutSeconds, string Reason);
}
