using Gateway.Contracts;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// Gives waiting jobs to workers, no more of them than there are free slots and a few: what waits in a broker can neither be
/// ordered nor taken back. Looks when the bell rings, once a second while a job waits or runs, and every five seconds while none does. Of several processes one releases at a time.
/// </summary>
public sealed partial class Dispatcher(
    IDispatchStore store, SecondLook look, CapsInForce caps, IStoreClock time, JobSignals signals, DispatchBell bell, DirectReleases direct, IOptions<DispatchOptions> options, TimeProvider clock,
    ILogger<Dispatcher> logger)
    : BackgroundService, IHostedLifecycleService
{
    private const int Batch = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim one = new(1, 1);
    private readonly Guid process = Guid.NewGuid();
    private readonly DispatchOptions limits = options.Value;

    // Of this process alone: whoever takes over begins anew, and what tenants have in hand still tells them apart.
    private readonly Dictionary<string, long> lastServed = new(StringComparer.Ordinal);
    private DateTimeOffset heldUntil = DateTimeOffset.MinValue;
    private readonly long startedAt = clock.GetTimestamp();
    private long turn;
    private long lastBeat = -1;
    private bool rests;

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>How many commands were sent.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            return await LookAloneAsync(cancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        signals.Changed -= bell.Heed;
        // First the end of the loop: a look under way must find itself canceled, not what it holds on to disposed.
        base.Dispose();
        one.Dispose();
    }

    /// <summary>The first look, before the bus takes anything, so that the first submit finds its place.</summary>
    /// <param name="cancellationToken">Gives up the start.</param>
    public Task StartingAsync(CancellationToken cancellationToken) => LookAsync(cancellationToken);

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        signals.Changed += bell.Heed;
        var (tick, ring) = (timer.WaitForNextTickAsync(stoppingToken).AsTask(), bell.WaitAsync(stoppingToken));
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(tick, ring);
            var isDue = IsNextBeat() || !rests || ring.IsCompleted;
            (tick, ring) = (tick.IsCompleted ? timer.WaitForNextTickAsync(stoppingToken).AsTask() : tick, ring.IsCompleted ? bell.WaitAsync(stoppingToken) : ring);
            try
            {
                if (isDue)
                {
                    await LookAsync(stoppingToken);
                }
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of a background loop: the next look tries again, and soon, for the bell is silent now.
                rests = false;
                LogFailed(problem);
            }
        }
    }

    // Beats count from the start: all that looks now and then looks at the same moment, and between them the process is at rest.
    private bool IsNextBeat()
    {
        var beat = (clock.GetElapsedTime(startedAt) + (Interval / 2)).Ticks / AtRest.Ticks;
        var isNext = beat != lastBeat;
        lastBeat = beat;
        return isNext;
    }

    private async Task<int> LookAloneAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stored = bell.Stored;
        var load = await store.ReadLoadAsync(now - limits.WorkerSilence, now - Patience, cancellationToken);
        var room = new RunningRoom(caps, load.Callers, GateRoom.Of(load.Gates, now));
        var (sent, again) = (0, 0);
        List<(string Pool, int Places)> places = [];
        foreach (var pool in PoolsOf(load))
        {
            again += load.Unclaimed && pool.Free > 0 ? await SendAgainAsync(pool.Pool, now, cancellationToken) : 0;
            var free = Math.Max(0, pool.Free + limits.Margin - load.Released(pool.Pool));
            var (released, isLeft) = !load.Waiting ? (0, false) : free > 0 ? await ReleaseNextAsync(pool.Pool, load, room, Math.Min(free, Batch), now, cancellationToken) : (0, true);
            sent += released;
            // Only where nobody waits for them that could have them: a job behind a full cap keeps no slot from others.
            places.Add((pool.Pool, isLeft ? 0 : free - released));
        }

        direct.Set(places, load.Gates);

        // Only time moves what waits; all else rings the bell.
        rests = bell.Rest(load is { Waiting: false, Callers.Count: 0, Gates.Count: 0 }, stored);
        return sent + again;
    }

    private async Task<(int Released, bool IsLeft)> ReleaseNextAsync(string pool, DispatchLoad load, RunningRoom room, int most, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var waiting = await store.ReadWaitingAsync(pool, now, most, room, cancellationToken);
        var picked = FairOrder.Pick(waiting, InHand(load), lastServed, most, room);
        var released = picked.Count > 0 ? await ReleaseAsync(picked, now, null, cancellationToken) : 0;
        foreach (var job in picked)
        {
            room.Take(job);
        }

        // More than one commit holds, or those that were read took each other's room: whoever stands behind them is found by another look.
        if (released > 0 && (picked.Count == Batch || (picked.Count < most && picked.Count < waiting.Count)))
        {
            bell.Ring();
        }

        return (released, waiting.Count > released);
    }

    // Before the first heartbeat of the worker in this process its slots are known all the same; and where no worker is heard yet, the few
    // commands of the margin lie ready for the first.
    private IEnumerable<PoolSlots> PoolsOf(DispatchLoad load) =>
        load.Pools.Any(p => p.Pool == EndpointNames.DefaultPool)
            ? load.Pools
            : load.Pools.Append(new PoolSlots(EndpointNames.DefaultPool, limits.OwnSlots, load.Held));

    private static Dictionary<string, int> InHand(DispatchLoad load) => load.Callers
        .GroupBy(c => c.Grant.Tenant, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Sum(c => c.InHand), StringComparer.Ordinal);

    private async Task<int> SendAgainAsync(string pool, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unclaimed = await store.ReadUnclaimedAsync(pool, now - Patience, cancellationToken);
        var count = unclaimed.Count > 0 ? await ReleaseAsync(unclaimed, now, now - Patience, cancellationToken) : 0;
        if (count > 0)
        {
            LogSentAgain(count);
        }

        return count;
    }

    private async Task<int> ReleaseAsync(IReadOnlyList<WaitingJob> jobs, DateTimeOffset now, DateTimeOffset? releasedBefore, CancellationToken cancellationToken)
    {
        if (heldUntil - now < Term / 2)
        {
            if (!await store.HoldAsync(process, now, now + Term, cancellationToken))
            {
                return 0;
            }

            heldUntil = now + Term;
        }

        var judged = await look.LookAsync(jobs, store.ReadCallsAsync, cancellationToken);
        var released = await store.ReleaseAsync(process, now, judged, releasedBefore, cancellationToken);
        foreach (var job in jobs)
        {
            lastServed[job.Tenant] = ++turn;
        }

        return released;
    }

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "{Count} jobs were released and not claimed for a minute; their commands were sent again")]
    private partial void LogSentAgain(int count);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Error, Message = "Waiting jobs could not be given to workers")]
    private partial void LogFailed(Exception problem);
}
