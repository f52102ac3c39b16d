using System.Net.Sockets;
using Gateway.Nemesis.History;
using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Watch;

/// <summary>Asks each gateway once a second whether it lives and is ready.</summary>
internal sealed class HealthWatch(NemesisHouse house) : IDisposable
{
    // A look that took longer was held up by the machine; it says nothing of the gateway.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new() { Timeout = Limit };
    private readonly List<Probe> _probes = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<Probe> Probes
    {
        get
        {
            lock (_lock)
            {
                return [.. _probes];
            }
        }
    }

    public Task WatchAsync(CancellationToken cancellationToken) => Task.WhenAll(house.ApiPrograms.Zip(house.ApiUrls).Select(api => WatchAsync(api.First, api.Second, cancellationToken)));

    /// <summary>One look at each, when all is still.</summary>
    public Task LookAsync(CancellationToken cancellationToken) => Task.WhenAll(house.ApiPrograms.Zip(house.ApiUrls).Select(api => LookAsync(api.First, api.Second, cancellationToken)));

    public void Dispose() => _http.Dispose();

    private async Task WatchAsync(HostProgram program, Uri url, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await LookAsync(program, url, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task LookAsync(HostProgram program, Uri url, CancellationToken cancellationToken)
    {
        var (before, undisturbed, down) = (program.Disturbances, program.IsUndisturbed, await IsDownAsync());
        var ticks = Clock.Ticks;
        var live = await AskAsync(new Uri(url, "/health/live"), cancellationToken);
        var ready = await AskAsync(new Uri(url, "/health/ready"), cancellationToken);
        var runs = undisturbed && program.IsUndisturbed && program.Disturbances == before;
        var stillDown = down && await IsDownAsync();
        lock (_lock)
        {
            _probes.Add(new Probe(program.Name, ticks, live, ready, runs, down && stillDown));
        }
    }

    /// <summary>Gone so long that it must have been noticed, and not back yet: a server answers before its script has returned.</summary>
    private async Task<bool> IsDownAsync() =>
        (house.Timeline.IsOn(fault => fault == Services.Broker, Noticed) && !await AnswersAsync(house.Services.Amqp.Port))
        || (house.Timeline.IsOn(fault => fault == Services.Database, Noticed) && !await AnswersAsync(house.Services.DatabasePort));

    private static async Task<bool> AnswersAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<int> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(url, cancellationToken);
            return (int)answer.StatusCode;
        }
        catch (Exception none) when (none is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }
}
