using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>
/// The run was stopped because its worker is to go; nothing of its process tree is alive. Costs the job no attempt: the
/// next one begins at once, elsewhere. Sent until <see cref="RunReceipt.OutcomeStored"/>.
/// </summary>
public sealed record RunInterrupted
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that ran it.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>What the run reports.</summary>
    public required RunResult Result { get; init; }
}
