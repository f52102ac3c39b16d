namespace Gateway.Jobs.Dispatch;

/// <summary>
/// Who goes next: the highest priority; within it the tenant that has least in hand, of equals the one that was served
/// longest ago; of the tenant the job that has waited longest of those that the caps have room for. A pure function.
/// </summary>
public static class FairOrder
{
    /// <summary>The next jobs, in their order.</summary>
    /// <param name="waiting">Who waits.</param>
    /// <param name="inHand">What each tenant has in hand; no entry is 0.</param>
    /// <param name="lastServed">A number for each tenant that is greater the later it was served; no entry is never.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="room">For whom the caps leave room; left as it is.</param>
    public static IReadOnlyList<WaitingJob> Pick(
        IEnumerable<WaitingJob> waiting,
        IReadOnlyDictionary<string, int> inHand,
        IReadOnlyDictionary<string, long> lastServed,
        int most,
        RunningRoom room)
    {
        List<WaitingJob> picked = [];
        var left = room.Copy();
        var hand = new Dictionary<string, int>(inHand, StringComparer.Ordinal);
        var served = new Dictionary<string, long>(lastServed, StringComparer.Ordinal);
        var turn = served.Values.DefaultIfEmpty().Max();
        foreach (var priority in waiting.GroupBy(job => job.Priority).OrderByDescending(group => group.Key))
        {
            var lines = priority.GroupBy(job => job.Tenant, StringComparer.Ordinal)
                .Select(line => new Queue<WaitingJob>(line.OrderBy(job => job.DueAtMs).ThenBy(job => job.JobId)))
                .ToList();
            while (picked.Count < most && Next(lines, hand, served, left) is { } line)
            {
                var job = line.Dequeue();
                hand[job.Tenant] = hand.GetValueOrDefault(job.Tenant) + 1;
                served[job.Tenant] = ++turn;
                left.Take(job);
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

    private static Queue<WaitingJob>? Next(List<Queue<WaitingJob>> lines, Dictionary<string, int> hand, Dictionary<string, long> served, RunningRoom room)
    {
        foreach (var line in lines)
        {
            // Whoever finds no room now finds none in this round, and does not hold up those behind.
            while (line.TryPeek(out var first) && !room.Has(first))
            {
                line.Dequeue();
            }
        }

        return lines
            .Where(line => line.Count > 0)
            .OrderBy(line => hand.GetValueOrDefault(line.Peek().Tenant))
            .ThenBy(line => served.GetValueOrDefault(line.Peek().Tenant))
            .ThenBy(line => line.Peek().DueAtMs)
            .ThenBy(line => line.Peek().JobId)
            .FirstOrDefault();
    }
}
