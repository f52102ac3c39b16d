using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>What the control plane has of a run. The back-pressure of output, and the word that the spool may be removed.</summary>
public sealed record RunReceipt
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Stored length in bytes of every stream that has any.</summary>
    public required IReadOnlyDictionary<OutputStream, long> StoredBytes { get; init; }

    /// <summary>The outcome is stored, or no longer wanted: the spool may be removed.</summary>
    public bool OutcomeStored { get; init; }

    /// <summary>The job is final: what the worker kept for another attempt may be removed.</summary>
    public bool JobEnded { get; init; }

    /// <summary>The attempt is not the authoritative one: end it, write no more.</summary>
    public bool Fenced { get; init; }
}
