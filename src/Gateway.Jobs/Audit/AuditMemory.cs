namespace Gateway.Jobs.Audit;

/// <summary>
/// Knows how far the chain reached when this gateway last looked, away from the database: an end that was cut off, or a chain that was made
/// anew, is noticed even by who finds nothing wrong in what is left. Safe for use by many threads: the sealer and an operator look at the same time.
/// </summary>
public sealed class AuditMemory(IAuditStore store, AuditKeys keys, IAuditMemory kept) : IDisposable
{
    private const string Remedy = "If an older copy of the database was put back, remove the file audit-head of the data folder; otherwise keep a copy of both for whoever looks into it.";
    private readonly SemaphoreSlim looks = new(1, 1);
    private AuditHead? last;

    /// <summary>Compares the end of the chain with the one that was last seen, and remembers it.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AuditBrokenException">It does not go on from there, or nobody who has the keys has set it.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // One after the other: of two at once the earlier look could be remembered last.
        await looks.WaitAsync(cancellationToken);
        try
        {
            await LookAsync(cancellationToken);
        }
        finally
        {
            looks.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => looks.Dispose();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // In this order: what others seal meanwhile lies behind what was known before.
        var known = last ?? kept.Read();
        var anchors = await store.ReadAnchorsAsync(cancellationToken);
        var head = AuditEnds.PlaceOf(anchors, AuditAnchor.Head, keys);
        if (known is not null && known.Seq > 0 && await FaultOfAsync(known, head, AuditEnds.PlaceOf(anchors, AuditAnchor.Start, keys), cancellationToken) is { } fault)
        {
            throw new AuditBrokenException($"{fault} {Remedy}");
        }

        if (head != known && head.Seq > 0)
        {
            kept.Keep(head);
        }

        last = head;
    }

    private async Task<string?> FaultOfAsync(AuditHead known, AuditHead head, AuditHead start, CancellationToken cancellationToken)
    {
        if (head.Seq < known.Seq)
        {
            return $"The chain ends with record {head.Seq}, and had {known.Seq} when this gateway last looked: its end was cut off.";
        }

        if (known.Seq <= start.Seq || head == known)
        {
            return null;
        }

        var found = head.Seq == known.Seq ? head.Hash : (await store.ReadChainAsync(known.Seq - 1, 1, cancellationToken)) is [{ Link: { } link }] && link.Seq == known.Seq ? link.Hash : null;
        return found == known.Hash ? null : $"Link {known.Seq} of the chain is not the one that this gateway has seen: the chain was made anew.";
    }
}
