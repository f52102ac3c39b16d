using Gateway.Jobs.Leases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Audit;

/// <summary>
/// Puts every record into the chain, soon after it was committed. A record that commits late, with a lower number than those that are
/// sealed already, takes its place behind them: the chain has an order of its own, so a number that was rolled back is no gap. Of several
/// processes one seals; each of them remembers the end of the chain, and none seals behind an end that is not the one it has seen.
/// </summary>
public sealed partial class AuditSealer(
    IAuditStore store, AuditKeys keys, AuditMemory memory, AuditWrites writes, IStoreClock time, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AuditSealer> logger)
    : PeriodicService(clock)
{
    private const int Batch = 500;

    // So many numbers may be under way at the first look, and no transaction takes longer than this after it: what is later still is found by the whole look.
    private const int UnderWay = 1_000;

    // Records of other processes wait so many rounds at most.
    private const int RoundsAtRest = 5;
    private static readonly TimeSpan Ripe = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenWholeLooks = TimeSpan.FromHours(1);
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(10);

    private readonly Guid process = Guid.NewGuid();
    private DateTimeOffset heldUntil = DateTimeOffset.MinValue;
    private long? wholeAt;
    private long markedAt;
    private long floor;
    private long nextFloor;
    private volatile string? fault;
    private long writtenBefore = -1;
    private long sealedOf = -1;
    private int rounds;

    /// <summary>What is wrong with the chain's end, or with the keys; null when nothing is.</summary>
    public string? Fault => fault;

    /// <inheritdoc />
    protected override TimeSpan Interval => options.Value.SealInterval;

    /// <summary>Seals what is to be sealed now.</summary>
    /// <param name="cancellationToken">Ends it after the batch under way.</param>
    /// <returns>How many records were sealed.</returns>
    public async Task<int> SealAsync(CancellationToken cancellationToken)
    {
        try
        {
            keys.Refresh();
            await memory.CheckAsync(cancellationToken);
            var count = await SealAllAsync(cancellationToken);
            if (count > 0)
            {
                await memory.CheckAsync(cancellationToken);
            }

            fault = null;
            return count;
        }
        catch (Exception problem) when (problem is AuditBrokenException or InvalidOperationException { InnerException: null } or IOException or UnauthorizedAccessException)
        {
            if (fault != problem.Message)
            {
                LogBroken(problem.Message);
            }

            fault = problem.Message;
            return 0;
        }
    }

    /// <inheritdoc />
    protected override async Task RoundAsync(CancellationToken cancellationToken)
    {
        // What was written before the last round is committed by now, or never will be.
        var (written, before) = (writes.Count, writtenBefore);
        writtenBefore = written;
        if (++rounds % RoundsAtRest == 0 || sealedOf != before || written != before || fault is not null)
        {
            await SealAsync(cancellationToken);
            sealedOf = before;
        }
    }

    private async Task<int> SealAllAsync(CancellationToken cancellationToken)
    {
        var isWhole = wholeAt is not { } last || Clock.GetElapsedTime(last) >= BetweenWholeLooks;
        var from = isWhole ? 0 : floor;
        var count = 0;
        if ((await store.ReadLooseAsync(from, 1, cancellationToken)).Count > 0)
        {
            if (!await HoldAsync(cancellationToken))
            {
                return 0;
            }

            IReadOnlyList<long>? done;
            do
            {
                done = await store.SealAsync(process, from, Batch, cancellationToken);
                count += done?.Count ?? 0;
            }
            while (done?.Count == Batch);
            if (done is null)
            {
                heldUntil = DateTimeOffset.MinValue;
                return count;
            }
        }

        await MarkAsync(isWhole, cancellationToken);
        return count;
    }

    private async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (heldUntil - now < Term / 2)
        {
            if (!await store.HoldAsync(process, now, now + Term, cancellationToken))
            {
                return false;
            }

            heldUntil = now + Term;
        }

        return true;
    }

    // Below the floor nothing is looked for: all of it was sealed a while ago.
    private async Task MarkAsync(bool isWhole, CancellationToken cancellationToken)
    {
        if (wholeAt is null)
        {
            floor = nextFloor = await store.ReadSealedUpToAsync(cancellationToken) - UnderWay;
            markedAt = Clock.GetTimestamp();
        }
        else if (Clock.GetElapsedTime(markedAt) >= Ripe)
        {
            floor = nextFloor;
            nextFloor = await store.ReadSealedUpToAsync(cancellationToken);
            markedAt = Clock.GetTimestamp();
        }

        wholeAt = isWhole ? Clock.GetTimestamp() : wholeAt;
    }

    [LoggerMessage(EventId = 2051, Level = LogLevel.Critical, Message = "The audit log is not sealed: {Fault}")]
    private partial void LogBroken(string fault);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2052, Level = LogLevel.Error, Message = "The audit log could not be sealed; the next round tries again")]
    protected override partial void LogFailed(Exception problem);
}
