using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>The run failed and all its output is stored. Sent until <see cref="RunReceipt.OutcomeStored"/>.</summary>
public sealed record RunFailed
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that ran it.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>Why.</summary>
    public required RunFailure Failure { get; init; }

    /// <summary>What the run reports.</summary>
    public required RunResult Result { get; init; }
}
