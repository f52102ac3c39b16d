using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Watch;

/// <summary>Sees the jobs' rows change, once a second as long as the database is there.</summary>
internal sealed class RowWatch(NemesisHouse house)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, Transition> _last = [];
    private readonly List<Transition> _all = [];

    public IReadOnlyList<Transition> Transitions => [.. _all];

    /// <summary>Looks that found the database.</summary>
    public int Looks { get; private set; }

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await LookAsync(cancellationToken);
                }
                catch (Exception away) when (away is not OperationCanceledException)
                {
                    continue;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var job in await house.Database.JobsAsync(cancellationToken))
        {
            var now = new Transition(job.Id, job.Version, job.State, job.Attempt);
            if (!_last.TryGetValue(job.Id, out var before) || before != now)
            {
                _last[job.Id] = now;
                _all.Add(now);
            }
        }

        Looks++;
    }
}
