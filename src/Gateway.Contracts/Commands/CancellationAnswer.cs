namespace Gateway.Contracts.Commands;

/// <summary>What became of a <see cref="RequestCancellation"/>.</summary>
public sealed record CancellationAnswer
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>True when the job is canceled, or on its way to it; false when it had ended otherwise.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The job's state after the request, in the words of the tool contract.</summary>
    public required string Status { get; init; }

    /// <summary>The attempt that has to be stopped, and the worker that holds it; null when nothing runs.</summary>
    public int? Attempt { get; init; }

    /// <summary>See <see cref="Attempt"/>.</summary>
    public Guid? WorkerId { get; init; }
}
