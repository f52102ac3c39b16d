namespace Gateway.Contracts.Commands;

/// <summary>
/// A worker that still keeps something for these jobs, and has no run of them in hand, asks which of them have ended: their
/// end may have been decided without it. Answered by <see cref="EndedJobs"/>; goes to <see cref="EndpointNames.Heartbeat"/>.
/// </summary>
public sealed record FindEndedJobs
{
    /// <summary>Most jobs of one question; about more there is no answer.</summary>
    public const int MostJobs = 100;

    /// <summary>The jobs.</summary>
    public required IReadOnlyList<Guid> JobIds { get; init; }
}
