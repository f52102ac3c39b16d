namespace Gateway.Contracts.Commands;

/// <summary>
/// A worker that still keeps something for these jobs, and has no run of them in hand, asks which of them have ended: their
/// end may have been decided without it. Answered by <see cref="EndedJobs"/>; goes to <see cref="EndpointNames.Heartbeat"/>.
/// </summary>
public sealed record FindEndedJobs
{
    /// <summary>Most jobs, and most sessions, of one question; about more there is no answer.</summary>
    public const int MostJobs = 100;

    /// <summary>The jobs.</summary>
    public required IReadOnlyList<Guid> JobIds { get; init; }

    /// <summary>Sessions for which a directory is kept, at most <see cref="MostJobs"/>.</summary>
    public IReadOnlyList<Guid> SessionIds { get; init; } = [];
}
