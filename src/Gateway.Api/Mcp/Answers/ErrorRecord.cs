using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Answers;

/// <summary>The error of a call.</summary>
internal sealed record ErrorRecord
{
    /// <summary>One of <see cref="ErrorKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was wrong and what to do, at most 500 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Whether the same call may succeed later.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Argument of the first fault.</summary>
    public string? Field { get; init; }

    /// <summary>The number in force.</summary>
    public string? Limit { get; init; }

    /// <summary>At least 1, whenever waiting helps.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>All faults of the call.</summary>
    public IReadOnlyList<ArgumentFault>? Faults { get; init; }
}
