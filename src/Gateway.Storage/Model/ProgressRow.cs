namespace Gateway.Storage.Model;

/// <summary>Head of a job's events: the newest one, so that an equal one that follows at once can be dropped.</summary>
public sealed class ProgressRow
{
    public Guid JobId { get; init; }

    public long HighWaterSeq { get; set; }

    public string Phase { get; set; } = null!;

    public string Kind { get; set; } = null!;

    public string Message { get; set; } = null!;

    public long AtMs { get; set; }
}
