namespace Gateway.SagaPersistence.Outbox;

/// <summary>
/// Embedded: a lane for each queue. So many of its messages are in the transport at once; the others stand here in their order,
/// since nothing can be taken back out of the transport.
/// </summary>
internal sealed class OutboxLanes(int limit)
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);

    /// <summary>True when the message may go now; else <see cref="Leave"/> names it later.</summary>
    public bool TryEnter(Delivery delivery, OutboxRow row)
    {
        lock (sync)
        {
            if (!lanes.TryGetValue(delivery.Destination, out var lane))
            {
                lanes[delivery.Destination] = lane = new Lane();
            }

            if (lane.InTransport < limit)
            {
                lane.InTransport++;
                return true;
            }

            delivery.Place = lane.Waiting.AddLast((delivery, row));
            return false;
        }
    }

    /// <summary>A message has left the transport. True when another one may go in its place.</summary>
    public bool Leave(string destination, out (Delivery Delivery, OutboxRow Row) next)
    {
        lock (sync)
        {
            var lane = lanes[destination];
            if (lane.Waiting.First is { } first)
            {
                lane.Waiting.RemoveFirst();
                next = first.Value;
                next.Delivery.Place = null;
                return true;
            }

            if (--lane.InTransport == 0)
            {
                lanes.Remove(destination);
            }

            next = default;
            return false;
        }
    }

    /// <summary>Takes a message out that still stands here; false for one that is in the transport.</summary>
    public bool TryWithdraw(Delivery delivery)
    {
        lock (sync)
        {
            if (delivery.Place is not { } place)
            {
                return false;
            }

            lanes[delivery.Destination].Waiting.Remove(place);
            delivery.Place = null;
            return true;
        }
    }

    private sealed class Lane
    {
        public int InTransport { get; set; }

        public LinkedList<(Delivery Delivery, OutboxRow Row)> Waiting { get; } = new();
    }
}
