using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>What the control plane decided about each run of a heartbeat.</summary>
public sealed record HeartbeatAnswer
{
    /// <summary><see cref="WorkerHeartbeat.SentAt"/> of the heartbeat that is answered.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Length of the lease that the renewed runs have from <see cref="SentAt"/>.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Runs whose lease was renewed: only these move the runner's deadline.</summary>
    public required IReadOnlyList<RunKey> Renewed { get; init; }

    /// <summary>Runs to be stopped because a cancel was asked.</summary>
    public required IReadOnlyList<RunKey> Cancel { get; init; }

    /// <summary>Runs that are no longer authoritative: end them, write no more.</summary>
    public required IReadOnlyList<RunKey> Fenced { get; init; }
}
