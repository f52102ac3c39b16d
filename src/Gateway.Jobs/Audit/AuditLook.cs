namespace Gateway.Jobs.Audit;

/// <summary>One walk along the chain, and what it finds.</summary>
internal sealed class AuditLook(IAuditStore store, AuditKeys keys)
{
    private const int MostFaults = 100;
    private const int Page = 500;
    private readonly List<AuditFault> faults = [];

    /// <summary>The first of what is wrong.</summary>
    public IReadOnlyList<AuditFault> Faults => faults;

    /// <summary>All that is wrong.</summary>
    public long Count { get; private set; }

    /// <summary>Sealed records that were seen.</summary>
    public long Records { get; private set; }

    /// <summary>Lowest number of a record that was seen.</summary>
    public long LeastId { get; private set; } = long.MaxValue;

    /// <summary>Notes that something is wrong.</summary>
    public void Add(AuditFault fault)
    {
        if (fault.Kind == AuditFaults.Cut && faults.Contains(fault))
        {
            // An end is looked at more than once.
            return;
        }

        Count++;
        if (faults.Count < MostFaults)
        {
            faults.Add(fault);
        }
    }

    /// <summary>An end of the chain, as far as it can be believed.</summary>
    public async Task<AuditHead> ReadEndAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return AuditEnds.PlaceOf(await store.ReadAnchorsAsync(cancellationToken), name, keys);
        }
        catch (AuditBrokenException problem)
        {
            Add(new AuditFault(AuditFaults.Cut, null, null, problem.Message));
            return AuditHead.None;
        }
    }

    /// <summary>From one link to the next.</summary>
    /// <returns>The place behind it: what is wrong with one link is not told of all that follow.</returns>
    public async Task<AuditHead> FollowAsync(AuditHead before, AuditLink link, AuditEntry? entry, CancellationToken cancellationToken)
    {
        Records++;
        LeastId = Math.Min(LeastId, link.AuditId);
        var isBehindGap = link.Seq > before.Seq + 1;
        AuditFault?[] found = [isBehindGap ? Gap(before.Seq + 1, link.Seq - 1) : null, FaultOf(isBehindGap ? null : before, link, entry)];
        if (Array.Exists(found, fault => fault is not null) && !await IsPurgedAsync(link.Seq, cancellationToken))
        {
            foreach (var fault in found.OfType<AuditFault>())
            {
                Add(fault);
            }
        }

        return new AuditHead(link.Seq, link.Hash);
    }

    /// <summary>The end that was come to, and the one that the gateway left.</summary>
    public async Task EndAsync(AuditHead place, AuditHead head, CancellationToken cancellationToken)
    {
        if (place.Seq < head.Seq && !await IsPurgedAsync(head.Seq, cancellationToken))
        {
            Add(new AuditFault(AuditFaults.Cut, place.Seq + 1, null, $"The chain was left with {head.Seq} links and ends with {place.Seq}: {Lost(place.Seq + 1, head.Seq)}"));
        }
        else if (place.Seq > head.Seq && place.Seq > (await ReadEndAsync(AuditAnchor.Head, cancellationToken)).Seq)
        {
            // More than was sealed while this look went on.
            Add(new AuditFault(AuditFaults.Cut, head.Seq + 1, null, $"The chain was left with {head.Seq} links and has {place.Seq}: its end was taken away or set back."));
        }
    }

    /// <summary>Records that wait for their seal: also these only a gateway can have written.</summary>
    /// <returns>How many wait.</returns>
    public async Task<long> LookAtLooseAsync(long after, CancellationToken cancellationToken)
    {
        long waiting = 0;
        for (var more = true; more;)
        {
            var page = await store.ReadLooseAsync(after, Page, cancellationToken);
            foreach (var entry in page.Where(entry => !keys.IsOfRecord(entry.Mac, entry.Parts())))
            {
                Add(Forged(null, entry.Id, entry.Mac));
            }

            waiting += page.Count;
            after = page.Count > 0 ? page[^1].Id : after;
            more = page.Count == Page;
        }

        return waiting;
    }

    /// <summary>Records that are there twice.</summary>
    public async Task LookForCopiesAsync(long after, CancellationToken cancellationToken)
    {
        foreach (var id in await store.FindCopiesAsync(after, MostFaults, cancellationToken))
        {
            Add(new AuditFault(AuditFaults.Inserted, null, id, $"Record {id} is a copy of another one."));
        }
    }

    // Behind a gap nothing can be said of the link before; the record has a hash of its own.
    private AuditFault? FaultOf(AuditHead? before, AuditLink link, AuditEntry? entry)
    {
        if (!keys.Knows(link.KeyId))
        {
            return new AuditFault(AuditFaults.UnknownKey, link.Seq, link.AuditId, $"Link {link.Seq} was made under the key {link.KeyId}, which is not in the key file.");
        }

        if (entry is null)
        {
            return new AuditFault(AuditFaults.Missing, link.Seq, link.AuditId, $"Record {link.AuditId} was sealed as number {link.Seq} of the chain and is not there.");
        }

        if (before is not null && !link.Holds(keys, before, entry.Mac))
        {
            return Changed(link);
        }

        return keys.IsOfRecord(entry.Mac, entry.Parts()) ? null : keys.Knows(AuditKeys.IdOf(entry.Mac)) ? Changed(link) : Forged(link.Seq, entry.Id, entry.Mac);
    }

    private static AuditFault Gap(long from, long to) => new(AuditFaults.Missing, from, null, Lost(from, to));

    private static AuditFault Changed(AuditLink link) =>
        new(AuditFaults.Changed, link.Seq, link.AuditId, $"Record {link.AuditId}, number {link.Seq} of the chain, is not what was written and sealed.");

    private AuditFault Forged(long? seq, long id, string mac) => mac.Length > 0 && !keys.Knows(AuditKeys.IdOf(mac))
        ? new AuditFault(AuditFaults.UnknownKey, seq, id, $"Record {id} was written under the key {AuditKeys.IdOf(mac)}, which is not in the key file.")
        : new AuditFault(AuditFaults.Inserted, seq, id, $"Record {id} is not from a gateway, or was changed before it was sealed.");

    // Retention goes on while somebody looks.
    private async Task<bool> IsPurgedAsync(long seq, CancellationToken cancellationToken)
    {
        try
        {
            return AuditEnds.PlaceOf(await store.ReadAnchorsAsync(cancellationToken), AuditAnchor.Start, keys).Seq >= seq;
        }
        catch (AuditBrokenException)
        {
            return false;
        }
    }

    private static string Lost(long from, long to) => from == to ? $"Number {from} of the chain is not there." : $"Numbers {from} to {to} of the chain are not there.";
}
