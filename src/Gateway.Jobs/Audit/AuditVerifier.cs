namespace Gateway.Jobs.Audit;

/// <summary>Looks whether the audit log is what gateways have written: each record, the chain over them, and both its ends.</summary>
public sealed class AuditVerifier(IAuditStore store, AuditKeys keys, AuditMemory memory)
{
    private const int Page = 500;

    /// <summary>Looks at all of it, or at its newest part.</summary>
    /// <param name="newest">At most so many records from the end; null for all.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<AuditVerdict> VerifyAsync(long? newest, CancellationToken cancellationToken)
    {
        keys.Refresh();
        var look = new AuditLook(store, keys);
        try
        {
            await memory.CheckAsync(cancellationToken);
        }
        catch (AuditBrokenException problem)
        {
            look.Add(new AuditFault(AuditFaults.Cut, null, null, problem.Message));
        }

        var head = await look.ReadEndAsync(AuditAnchor.Head, cancellationToken);
        var start = await look.ReadEndAsync(AuditAnchor.Start, cancellationToken);
        var place = await FromAsync(start, head.Seq - newest, cancellationToken);
        var first = place.Seq + 1;
        for (var more = true; more;)
        {
            var page = await store.ReadChainAsync(place.Seq, Page, cancellationToken);
            foreach (var (link, entry) in page)
            {
                place = await look.FollowAsync(place, link, entry, cancellationToken);
            }

            more = page.Count == Page;
        }

        await look.EndAsync(place, head, cancellationToken);
        var oldest = newest is null || look.Records == 0 ? 0 : look.LeastId - 1;
        var waiting = await look.LookAtLooseAsync(oldest, cancellationToken);
        await look.LookForCopiesAsync(oldest, cancellationToken);
        return new AuditVerdict(look.Records, look.Records == 0 ? 0 : first, place.Seq, waiting, look.Count, look.Faults);
    }

    // The link before the first that is wanted is believed: only a look at all of it goes back to the beginning.
    private async Task<AuditHead> FromAsync(AuditHead start, long? before, CancellationToken cancellationToken)
    {
        if (before is not { } seq || seq <= start.Seq)
        {
            return start;
        }

        return await store.ReadChainAsync(seq - 1, 1, cancellationToken) is [{ Link: { } link }] ? new AuditHead(link.Seq, link.Hash) : start;
    }
}
