using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Clients;

/// <summary>Clients that want jobs, at an even pace, until they are told to stop; then they see through what they have.</summary>
internal sealed class ClientLoad(NemesisHouse house, int seed) : IAsyncDisposable
{
    private const int SessionsPerApi = 2;
    private static readonly TimeSpan BetweenJobs = TimeSpan.FromMilliseconds(650);

    // Whoever takes its time is not joined by ever more.
    private const int MostOpen = 60;

    private readonly Random _random = new(seed);
    private readonly ConcurrentBag<StoryTeller> _tellers = [];
    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly ConcurrentBag<string> _faults = [];
    private readonly List<McpSession> _sessions = [.. from url in house.ApiUrls from number in Enumerable.Range(1, SessionsPerApi) select new McpSession($"{url.Port}-{number}", url, house.Key)];
    private readonly CancellationTokenSource _ending = new();
    private int _count;

    public IReadOnlyList<Story> Stories => [.. _tellers.Select(t => t.Story)];

    /// <summary>What clients could not deal with.</summary>
    public IReadOnlyList<string> Faults => [.. _faults];

    public int Open => _open.Count;

    /// <summary>Begins jobs until the token ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenJobs, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_open.Count < MostOpen)
                {
                    Begin();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>Waits until every client has seen its job to the end; false when some did not in time.</summary>
    public Task<bool> SeenThroughAsync(TimeSpan atMost, CancellationToken cancellationToken) => Clock.UntilAsync(() => Task.FromResult(_open.IsEmpty), atMost, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_open.Keys);
        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        _ending.Dispose();
    }

    private void Begin()
    {
        var kind = JobKinds.Pick(_random);
        var number = string.Create(CultureInfo.InvariantCulture, $"s{seed}-{++_count}");
        var prompt = kind.Prompt(new JobPlace(house.AgentLog, number, Path.Combine(house.Folder, "copies", number)), _random);
        TimeSpan? cancelAfter = kind.CancelWithin is { } within ? within * _random.NextDouble() : null;
        var teller = new StoryTeller(kind, number, prompt, cancelAfter, _sessions, new Random(_random.Next()));
        _tellers.Add(teller);
        var telling = Task.Run(() => TellAsync(teller), CancellationToken.None);
        _open.TryAdd(telling, true);
        _ = telling.ContinueWith(done => _open.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task TellAsync(StoryTeller teller)
    {
        try
        {
            await teller.TellAsync(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            _faults.Add($"{teller.Story.Key} ({teller.Story.Kind}, {string.Join(',', teller.Story.Accepted)}) was not seen through");
        }
        catch (Exception fault)
        {
            _faults.Add(fault.Message);
        }
    }
}
