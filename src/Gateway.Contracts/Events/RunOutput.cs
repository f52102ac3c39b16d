using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>
/// A piece of one stream. Answered by <see cref="RunReceipt"/>; a worker has at most one piece per stream under way.
/// Stored when <c>Offset ≤ stored length &lt; Offset + length</c>, the overlap cut off; else nothing is stored.
/// A piece without bytes asks for the receipt alone.
/// </summary>
public sealed record RunOutput
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that runs it.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>The stream.</summary>
    public required OutputStream Stream { get; init; }

    /// <summary>Where in the stream the bytes begin.</summary>
    public required long Offset { get; init; }

    /// <summary>At most 64 KiB.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>The events that were read from these bytes; stdout only.</summary>
    public IReadOnlyList<AgentEvent> Events { get; init; } = [];
}
