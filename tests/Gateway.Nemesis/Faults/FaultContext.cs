using Gateway.Nemesis.Clients;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Faults;

/// <summary>What a fault may use: the house, chance of its own, and the token that ends it early. A process that it picks is its own until it is over.</summary>
internal sealed class FaultContext(NemesisHouse house, MessageTap tap, Random random, HashSet<string> poison, HashSet<HostProgram> taken, CancellationToken stopping) : IDisposable
{
    private readonly List<HostProgram> _mine = [];

    public NemesisHouse House => house;

    public MessageTap Tap => tap;

    public Random Random => random;

    public HashSet<string> Poison => poison;

    public T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    public HostProgram AnyApi() => Take(house.ApiPrograms);

    public HostProgram AnyWorker() => Take(house.WorkerPrograms);

    public HostProgram AnyProgram() => Take(house.Programs);

    public TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * random.NextDouble()));

    /// <summary>Waits, but not beyond the end of the faults: then what was done is taken back at once.</summary>
    public async Task HoldAsync(TimeSpan time)
    {
        try
        {
            await Clock.Pause(time, stopping);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    public void Dispose()
    {
        lock (taken)
        {
            taken.ExceptWith(_mine);
        }
    }

    private HostProgram Take(IEnumerable<HostProgram> programs)
    {
        lock (taken)
        {
            var free = programs.Where(p => _mine.Contains(p) || !taken.Contains(p)).ToList();
            if (free.Count == 0)
            {
                throw new NothingFreeException();
            }

            var picked = free[random.Next(free.Count)];
            _mine.Add(picked);
            taken.Add(picked);
            return picked;
        }
    }
}
