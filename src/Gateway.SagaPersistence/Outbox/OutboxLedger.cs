using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>What this process has in hand: rows committed and to be sent, messages under way, rows to be settled.</summary>
internal sealed class OutboxLedger
{
    private readonly ConcurrentDictionary<Guid, Delivery> underWay = new();
    private readonly OutboxLanes lanes;
    private readonly Channel<OutboxRow> committed;
    private readonly Channel<Settlement> settled = Channel.CreateUnbounded<Settlement>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TimeProvider clock;
    private readonly bool embedded;
    private long stored;

    public OutboxLedger(IOptions<SagaPersistenceOptions> options, TimeProvider clock)
    {
        this.clock = clock;
        embedded = options.Value.Delivery == OutboxDelivery.DeleteWhenConsumed;
        lanes = new OutboxLanes(options.Value.QueueLimit);
        // In memory a send never waits, so the backlog is short; a broker may be away for hours, and then the table is the backlog.
        committed = embedded
            ? Channel.CreateUnbounded<OutboxRow>(new UnboundedChannelOptions { SingleReader = true })
            : Channel.CreateBounded<OutboxRow>(new BoundedChannelOptions(options.Value.BacklogLimit) { SingleReader = true });
    }

    /// <summary>How many rows this process has ever stored, delayed ones too: while it stays, an empty table is still empty of them.</summary>
    public long Stored => Interlocked.Read(ref stored);

    public ChannelReader<OutboxRow> Committed => committed.Reader;

    public ChannelReader<Settlement> Settled => settled.Reader;

    /// <summary>Counts rows that were committed.</summary>
    public void Count(int rows) => Interlocked.Add(ref stored, rows);

    /// <summary>Hands a committed row to the dispatcher; one that is already under way is left where it is. A published one is on nobody's way: who
    /// subscribes is not known here.</summary>
    public void Hand(OutboxRow row)
    {
        if (!embedded || row.Published)
        {
            committed.Writer.TryWrite(row);
            return;
        }

        var delivery = new Delivery(row.Seq, row.Destination);
        if (underWay.TryAdd(row.MessageId, delivery) && lanes.TryEnter(delivery, row))
        {
            Send(delivery, row);
        }
    }

    /// <summary>Forgets a message whose row is gone; one that is in the transport already arrives and is settled as ever.</summary>
    public void Withdraw(Guid messageId)
    {
        if (underWay.TryGetValue(messageId, out var delivery) && lanes.TryWithdraw(delivery))
        {
            underWay.TryRemove(messageId, out _);
        }
    }

    public bool TryGetSeq(Guid messageId, out long seq)
    {
        var found = underWay.TryGetValue(messageId, out var delivery);
        seq = found ? delivery!.Seq : 0;
        return found;
    }

    public bool TryGet(Guid messageId, [NotNullWhen(true)] out Delivery? delivery) => underWay.TryGetValue(messageId, out delivery);

    /// <summary>The message is no longer under way; whoever gets true settles its row.</summary>
    public bool TryTake(Guid messageId, [NotNullWhen(true)] out Delivery? delivery)
    {
        if (!underWay.TryRemove(messageId, out delivery))
        {
            return false;
        }

        if (lanes.Leave(delivery.Destination, out var next))
        {
            Send(next.Delivery, next.Row);
        }

        return true;
    }

    public void Settle(Settlement settlement) => settled.Writer.TryWrite(settlement);

    /// <summary>
    /// An endpoint that stops may drop what reaches it in that moment, without a word. Messages that nobody has begun to receive for
    /// so long are given back to the sweeper; not those that only stand in the queue of an endpoint at work, or a long queue would be
    /// sent again and again. Queues are first in, first out: what was handed over long before a message in hand was dropped.
    /// </summary>
    public int GiveBackUnreceived(TimeSpan limit)
    {
        var inHand = underWay.Values.Where(delivery => delivery.Received)
            .GroupBy(delivery => delivery.Destination, StringComparer.Ordinal)
            .ToDictionary(atWork => atWork.Key, atWork => atWork.Max(delivery => delivery.HandedAt ?? 0), StringComparer.Ordinal);
        var now = clock.GetTimestamp();
        var count = 0;
        foreach (var (messageId, delivery) in underWay)
        {
            var isOverdue = delivery is { Received: false, HandedAt: { } handed }
                && clock.GetElapsedTime(handed, inHand.GetValueOrDefault(delivery.Destination, now)) > limit;
            if (isOverdue && TryTake(messageId, out _))
            {
                Settle(new Settlement(delivery.Seq, SettlementKind.Release, null));
                count++;
            }
        }

        return count;
    }

    private void Send(Delivery delivery, OutboxRow row)
    {
        delivery.HandedAt = clock.GetTimestamp();
        committed.Writer.TryWrite(row);
    }
}
