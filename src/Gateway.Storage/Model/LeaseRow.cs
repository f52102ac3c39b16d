namespace Gateway.Storage.Model;

/// <summary>Which worker holds the newest attempt of a job, and until when. No row: nobody does.</summary>
public sealed class LeaseRow
{
    public Guid JobId { get; init; }

    public int Attempt { get; set; }

    public Guid WorkerId { get; set; }

    public long Epoch { get; set; }

    public long UntilMs { get; set; }

    /// <summary>Set by the sweeper, in the commit that reports it; a lost lease is never renewed.</summary>
    public bool Lost { get; set; }
}
