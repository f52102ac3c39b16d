namespace Gateway.Jobs.Quotas;

/// <summary>What one tenant may have at once, and use in a time. A member that is not set is the default's, and there none.</summary>
public sealed class TenantQuota
{
    /// <summary>Most jobs that run at once; others wait. 1 to 1,000,000; default none but the slots.</summary>
    public int? Running { get; set; }

    /// <summary>Most jobs that wait, for a person, a worker or their next attempt; a submit beyond it is refused with <c>queue_full</c>. 1 to 1,000,000; default none but <c>Jobs:MaxQueued</c>.</summary>
    public int? Queued { get; set; }

    /// <summary>Most jobs that are taken in a minute of the clock; a submit beyond it is refused with <c>rate_limited</c>. 1 to 1,000,000; default none.</summary>
    public int? SubmitsPerMinute { get; set; }

    /// <summary>The same in an hour.</summary>
    public int? SubmitsPerHour { get; set; }

    /// <summary>The same in a day, which begins at 00:00 UTC.</summary>
    public int? SubmitsPerDay { get; set; }

    /// <summary>
    /// Most US dollars in a day of UTC. A submit reserves its <c>maxBudgetUsd</c>, and has to state one; the real cost takes its place at
    /// the end of the job. Greater than 0, at most 1,000,000, with at most 6 decimal places; default none.
    /// </summary>
    public decimal? SpendUsdPerDay { get; set; }

    /// <summary>This quota, and of another one what it does not say.</summary>
    /// <param name="other">The default.</param>
    internal TenantQuota Or(TenantQuota other) => new()
    {
        Running = Running ?? other.Running,
        Queued = Queued ?? other.Queued,
        SubmitsPerMinute = SubmitsPerMinute ?? other.SubmitsPerMinute,
        SubmitsPerHour = SubmitsPerHour ?? other.SubmitsPerHour,
        SubmitsPerDay = SubmitsPerDay ?? other.SubmitsPerDay,
        SpendUsdPerDay = SpendUsdPerDay ?? other.SpendUsdPerDay,
    };
}
