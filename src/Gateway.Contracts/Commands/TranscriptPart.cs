namespace Gateway.Contracts.Commands;

/// <summary>A piece of a stored conversation, the answer to <see cref="FetchTranscript"/>.</summary>
public sealed record TranscriptPart
{
    /// <summary>Most bytes of one piece.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>The job that asked.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Its attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Where in the transcript the bytes begin.</summary>
    public required long Offset { get; init; }

    /// <summary>At most <see cref="MostBytes"/>; fewer only at the end.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>Length of the whole transcript in bytes: the same in every answer to one attempt.</summary>
    public required long TotalBytes { get; init; }
}
