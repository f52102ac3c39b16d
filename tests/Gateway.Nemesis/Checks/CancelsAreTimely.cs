using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>An acknowledged cancel is final within 20 s, with a worker lost meanwhile within a lease more. Times in which something was missing do not count.</summary>
internal sealed class CancelsAreTimely() : Check("P8 an acknowledged cancel is soon final")
{
    private const long BoundMs = 20_000;

    protected override IEnumerable<string?> Look(RunHistory history)
    {
        foreach (var story in history.Stories.Where(s => s.Cancels.Count > 0))
        {
            if (history.JobOf(story) is not { FinishedAtMs: { } finished } job)
            {
                continue;
            }

            var asked = story.Cancels.Min(c => c.AnsweredAtMs);
            var disturbed = history.Outages.Sum(o => Math.Max(0, Math.Min(finished, o.UntilMs) - Math.Max(asked, o.FromMs)));
            var bound = BoundMs + disturbed + (disturbed > 0 ? (long)history.Lease.TotalMilliseconds : 0);
            yield return Unless(finished - asked <= bound, $"{job.Id} ({story.Kind}) was final {finished - asked} ms after its cancel was acknowledged, {disturbed} ms of them disturbed");
        }
    }
}
