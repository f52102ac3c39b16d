namespace Gateway.Storage.Model;

/// <summary>A job that waits for a turn. One with several keys has a row for each, and takes all or none.</summary>
public sealed class TurnWaitRow
{
    public string Key { get; init; } = null!;

    public Guid JobId { get; init; }

    /// <summary>The job's place, the same in all of its lines: smaller goes first, then the smaller <see cref="JobId"/>.</summary>
    public long Seq { get; set; }

    /// <summary>Earliest start in Unix milliseconds once it is the job's turn; 0 for at once.</summary>
    public long StartMs { get; init; }

    /// <summary>False while a person has to agree first: others pass.</summary>
    public bool IsReady { get; set; }
}
