namespace Gateway.Contracts.Commands;

/// <summary>What may be removed, of what <see cref="FindEndedJobs"/> asked for.</summary>
public sealed record EndedJobs
{
    /// <summary>Those that are final, or that nobody knows any more. A job that is neither may be resumed from what its worker keeps.</summary>
    public required IReadOnlyList<Guid> JobIds { get; init; }

    /// <summary>Those sessions that are not there any more; none in the answer of a gateway that knows no sessions.</summary>
    public IReadOnlyList<Guid> SessionIds { get; init; } = [];
}
