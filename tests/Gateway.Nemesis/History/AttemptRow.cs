namespace Gateway.Nemesis.History;

/// <summary>What the database says of an ended attempt.</summary>
internal sealed record AttemptRow
{
    public required Guid JobId { get; init; }

    public required int Attempt { get; init; }

    public string? FailureKind { get; init; }

    public int? ExitCode { get; init; }

    public decimal? CostUsd { get; init; }

    public long? DurationMs { get; init; }

    public bool OutputTruncated { get; init; }

    /// <summary>Streams as the worker counted them, and as they are stored.</summary>
    public IReadOnlyList<StreamFigures> Streams { get; init; } = [];
}
