namespace Gateway.Contracts.Commands;

/// <summary>A caller wants a job stopped. Answered by <see cref="CancellationAnswer"/> after the decision is committed.</summary>
public sealed record RequestCancellation
{
    /// <summary>The job; its owner was checked by the sender.</summary>
    public required Guid JobId { get; init; }

    /// <summary>For the audit alone, at most 200 characters.</summary>
    public string? Reason { get; init; }
}
