namespace Gateway.Contracts.Values;

/// <summary>The whole of one stream when its run has ended.</summary>
public sealed record StreamSummary
{
    /// <summary>Which stream.</summary>
    public required OutputStream Stream { get; init; }

    /// <summary>Bytes captured.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>SHA-256 of these bytes, lower-case hex.</summary>
    public required string Sha256 { get; init; }
}
