namespace Gateway.Nemesis.History;

/// <summary>What the database says of a job.</summary>
internal sealed record JobRow
{
    public required Guid Id { get; init; }

    public required int Version { get; init; }

    public required string State { get; init; }

    public int Attempt { get; init; }

    public int CountedAttempts { get; init; }

    public int MaxAttempts { get; init; } = 1;

    public string? FailureKind { get; init; }

    public int? ExitCode { get; init; }

    public decimal? CostUsd { get; init; }

    public string? Key { get; init; }

    public long CreatedAtMs { get; init; }

    public long? FinishedAtMs { get; init; }

    public long? DurationMs { get; init; }

    public bool IsFinal => State is "Completed" or "Failed" or "Canceled";
}
