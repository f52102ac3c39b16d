using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>When all is still the outbox is empty, no lease is held, no queue holds anything, and what was set aside is the poison that was injected.</summary>
internal sealed class NothingIsPending() : Check("I8 at rest nothing is pending, nothing but poison set aside")
{
    protected override IEnumerable<string?> Look(RunHistory history)
    {
        yield return Unless(history.OutboxRows.Count == 0, $"{history.OutboxRows.Count} rows in the outbox: {string.Join("; ", history.OutboxRows.Take(5))}");
        yield return Unless(history.Leases.Count == 0, $"{history.Leases.Count} leases: {string.Join("; ", history.Leases.Take(5))}");
        foreach (var queue in history.Queues)
        {
            var odd = queue.IsSetAside ? queue.MessageIds.Where(id => !history.Poison.Contains(id)).ToList() : [];
            yield return Unless(queue.Unacknowledged == 0 && (queue.IsSetAside || queue.Messages == 0), $"{queue.Name} holds {queue.Messages} messages, {queue.Unacknowledged} of them unacknowledged");
            yield return Unless(odd.Count == 0, $"{queue.Name} holds what is no poison: {string.Join(", ", odd.Take(5))}");
        }
    }
}
