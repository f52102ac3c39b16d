namespace Gateway.Contracts.Commands;

/// <summary>A worker with a free slot asks for an attempt. Answered by <see cref="RunGranted"/> or <see cref="RunDenied"/>; the job's row decides.</summary>
public sealed record ClaimRun
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that the command named.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker: belongs to the runner's folder, not to the process.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Raised each time a worker process attaches to its runner.</summary>
    public required long Epoch { get; init; }

    /// <summary>Name of the worker for people.</summary>
    public required string WorkerName { get; init; }

    /// <summary>
    /// Turn of the directory that the run would work in (<see cref="Workspaces.DirectoryTurnKey"/>), where that is none of those that the grant
    /// named: the holder asks a second time with it, and is denied while another job has it. Null in a first claim, and from an older worker.
    /// </summary>
    public string? DirectoryTurn { get; init; }
}
