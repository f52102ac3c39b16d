using Gateway.Contracts.Values;

namespace Gateway.Storage.Model;

/// <summary>A piece of a stream, at most 64 KiB; pieces of a stream lie end to end.</summary>
public sealed class ChunkRow
{
    /// <summary>Most bytes of a piece.</summary>
    public const int MaxBytes = 64 * 1024;

    public Guid JobId { get; init; }

    public int Attempt { get; init; }

    public OutputStream Stream { get; init; }

    public long Offset { get; init; }

    public byte[] Bytes { get; init; } = null!;
}
