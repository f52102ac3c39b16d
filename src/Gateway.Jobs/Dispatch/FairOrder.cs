namespace Gateway.Jobs.Dispatch;

/// <summary>
/// Who goes next: the highest priority; within it the tenant that has least in hand, of equals the one that was served
/// longest ago; of the tenant the job that has waited longest. A pure function.
/// </summary>
public static class FairOrder
{
    /// <summary>The next jobs, in their order.</summary>
    /// <param name="waiting">Who waits.</param>
    /// <param name="inHand">What each tenant has in hand; no entry is 0.</param>
    /// <param name="lastServed">A number for each tenant that is greater the later it was served; no entry is never.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="mostOfTenant">Most that a tenant may have in hand.</param>
    public static IReadOnlyList<WaitingJob> Pick(
        IEnumerable<WaitingJob> waiting,
        IReadOnlyDictionary<string, int> inHand,
        IReadOnlyDictionary<string, long> lastServed,
        int most,
        int mostOfTenant)
    {
        List<WaitingJob> picked = [];
        var hand = new Dictionary<string, int>(inHand, StringComparer.Ordinal);
        var served = new Dictionary<string, long>(lastServed, StringComparer.Ordinal);
        var turn = served.Values.DefaultIfEmpty().Max();
        foreach (var priority in waiting.GroupBy(job => job.Priority).OrderByDescending(group => group.Key))
        {
            var lines = priority.GroupBy(job => job.Tenant, StringComparer.Ordinal)
                .Select(line => new Queue<WaitingJob>(line.OrderBy(job => job.DueAtMs).ThenBy(job => job.JobId)))
                .ToList();
            while (picked.Count < most && Next(lines, hand, served, mostOfTenant) is { } line)
            {
                var job = line.Dequeue();
                hand[job.Tenant] = hand.GetValueOrDefault(job.Tenant) + 1;
                served[job.Tenant] = ++turn;
                picked.Add(job);
            }
        }

        return picked;
    }

    /// <summary>About how many jobs go before one: exact among the jobs of one tenant.</summary>
    /// <param name="ahead">Jobs of the same tenant and priority that go before.</param>
    /// <param name="inHand">What the tenant has in hand.</param>
    /// <param name="others">Of each other tenant with waiting jobs of the same priority: what it has in hand, and how many wait.</param>
    public static int CountAhead(int ahead, int inHand, IEnumerable<(int InHand, int Waiting)> others) =>
        ahead + others.Sum(other => Math.Clamp(inHand + ahead - other.InHand, 0, other.Waiting));

    private static Queue<WaitingJob>? Next(List<Queue<WaitingJob>> lines, Dictionary<string, int> hand, Dictionary<string, long> served, int mostOfTenant) => lines
        .Where(line => line.Count > 0 && hand.GetValueOrDefault(line.Peek().Tenant) < mostOfTenant)
        .OrderBy(line => hand.GetValueOrDefault(line.Peek().Tenant))
        .ThenBy(line => served.GetValueOrDefault(line.Peek().Tenant))
        .ThenBy(line => line.Peek().DueAtMs)
        .ThenBy(line => line.Peek().JobId)
        .FirstOrDefault();
}
