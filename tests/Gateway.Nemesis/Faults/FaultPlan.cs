using Gateway.Nemesis.Clients;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Faults;

/// <summary>
/// Which fault comes next, and when: all kinds once before any comes again, in an order that the seed gives; one at a time,
/// and now and then a second one while the first is on.
/// </summary>
internal sealed class FaultPlan(NemesisHouse house, MessageTap tap, int seed, IReadOnlyList<string> only)
{
    private const double Overlapping = 0.25;

    private readonly Random _random = new(seed);
    private readonly HashSet<string> _poison = [];
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Queue<Fault> _deck = new();
    private readonly HashSet<HostProgram> _taken = [];

    public static IReadOnlyList<Fault> Kinds { get; } = [.. ProcessFaults.All, .. ServerFaults.All, .. NetworkFaults.All, .. MessageFaults.All];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public int Overlaps { get; private set; }

    public IReadOnlySet<string> Poison => _poison;

    /// <summary>Injects until the token ends, and has taken everything back when it returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (first, pause) = (Next(), TimeSpan.FromSeconds(0.5 + (3.5 * _random.NextDouble())));
            var (overlapping, offset) = (_random.NextDouble() < Overlapping, TimeSpan.FromSeconds(3 * _random.NextDouble()));
            var acting = ActAsync(first, cancellationToken);
            if (overlapping && first.Overlaps)
            {
                await PauseAsync(offset, cancellationToken);
                if (!acting.IsCompleted && !cancellationToken.IsCancellationRequested)
                {
                    Overlaps++;
                    await ActAsync(NextThatOverlaps(), cancellationToken);
                }
            }

            await acting;
            await PauseAsync(pause, cancellationToken);
        }
    }

    private static async Task PauseAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await Clock.Pause(time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task ActAsync(Fault fault, CancellationToken cancellationToken)
    {
        using var context = new FaultContext(house, tap, new Random(_random.Next()), _poison, _taken, cancellationToken);
        house.Timeline.Tell($"{fault.Name} …");
        string did;
        try
        {
            did = await fault.Act(context);
        }
        catch (Exception undone) when (undone is NothingFreeException or HttpRequestException or Npgsql.NpgsqlException or TaskCanceledException or RabbitMQ.Client.Exceptions.AlreadyClosedException)
        {
            // Another fault is still felt: what it needs is away.
            house.Timeline.Tell($"{fault.Name}: not done: {undone.Message}");
            return;
        }

        lock (_counts)
        {
            _counts[fault.Name] = _counts.GetValueOrDefault(fault.Name) + 1;
        }

        house.Timeline.Tell($"{fault.Name}: {did}");
    }

    private Fault Next()
    {
        if (_deck.Count == 0)
        {
            foreach (var fault in Kinds.Where(k => only.Count == 0 || only.Any(o => k.Name.Contains(o, StringComparison.Ordinal))).OrderBy(_ => _random.Next()))
            {
                _deck.Enqueue(fault);
            }
        }

        return _deck.Dequeue();
    }

    private Fault NextThatOverlaps()
    {
        var next = Next();
        for (var tries = 0; !next.Overlaps && tries < 50; tries++)
        {
            _deck.Enqueue(next);
            next = Next();
        }

        return next;
    }
}
