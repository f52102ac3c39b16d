namespace Gateway.Jobs.Reading;

/// <summary>A page of a stored byte stream, as text. It begins and ends at whole characters.</summary>
public sealed record StreamPage
{
    /// <summary>The text; a byte that is not UTF-8 is one U+FFFD.</summary>
    public required string Text { get; init; }

    /// <summary>Where the page begins, in bytes.</summary>
    public required long OffsetBytes { get; init; }

    /// <summary>Where the next page begins, in bytes.</summary>
    public required long EndBytes { get; init; }

    /// <summary>Bytes stored when the page was made.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>No more bytes will come.</summary>
    public required bool Ended { get; init; }

    /// <summary>Where the page begins, in UTF-16 units; null when they were not counted.</summary>
    public long? OffsetChars { get; init; }

    /// <summary>UTF-16 units of the whole stream; null when they were not counted.</summary>
    public long? TotalChars { get; init; }

    /// <summary>Where the next page begins, in bytes; null exactly when the stream has ended and was read to its end.</summary>
    public long? NextOffsetBytes => Ended && EndBytes >= TotalBytes ? null : EndBytes;

    /// <summary>Where the next page begins, in UTF-16 units; null as for bytes, or when they were not counted.</summary>
    public long? NextOffsetChars => NextOffsetBytes is null ? null : OffsetChars + Text.Length;

    /// <summary>More is stored than this page and those before it show.</summary>
    public bool Truncated => EndBytes < TotalBytes;
}
