namespace Gateway.EndToEndTests.Support;

/// <summary>What the database says of a job.</summary>
internal sealed record JobRow(Guid Id, int Version, string State, int Attempt, int CountedAttempts, int MaxAttempts, string? FailureKind, decimal? CostUsd, long CreatedAtMs, long? FinishedAtMs, long? DurationMs)
{
    public bool IsFinal => State is "Completed" or "Failed" or "Canceled";
}
