using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>Lets one process at a time do something for a while: a row that it holds.</summary>
internal static class RowLease
{
    /// <summary>Takes it, or stays its holder; within a transaction. False when another process holds it.</summary>
    public static async Task<bool> TakeAsync(GatewayDb db, string name, Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (nowMs, untilMs) = (now.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        return await db.Locks.Where(l => l.Name == name && (l.Holder == process || l.UntilMs <= nowMs))
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.Holder, process).SetProperty(l => l.UntilMs, untilMs).SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken) == 1;
    }

    /// <summary>Locks the row for the rest of the transaction: a process that was slow, and replaced, does nothing.</summary>
    public static async Task<bool> IsHeldAsync(GatewayDb db, string name, Guid process, CancellationToken cancellationToken) =>
        await db.Locks.Where(l => l.Name == name && l.Holder == process).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken) == 1;
}
