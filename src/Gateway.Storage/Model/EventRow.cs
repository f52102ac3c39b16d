namespace Gateway.Storage.Model;

/// <summary>One event of a job.</summary>
public sealed class EventRow
{
    public Guid JobId { get; init; }

    public long Seq { get; init; }

    public long AtMs { get; init; }

    public int Attempt { get; init; }

    public string Phase { get; init; } = null!;

    public string Kind { get; init; } = null!;

    public string Message { get; init; } = null!;

    public string Source { get; init; } = null!;
}
