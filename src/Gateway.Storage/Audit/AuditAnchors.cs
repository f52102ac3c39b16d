using Gateway.Jobs.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Audit;

/// <summary>Sets the ends of the chain, in the transaction that moves them.</summary>
internal static class AuditAnchors
{
    /// <summary>Sets one.</summary>
    public static async Task SetAsync(GatewayDb db, AuditAnchor anchor, CancellationToken cancellationToken)
    {
        var (name, seq, hash, mac) = (anchor.Name, anchor.Place.Seq, anchor.Place.Hash, anchor.Mac);
        if (await db.AuditAnchors.Where(a => a.Name == name)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Seq, seq).SetProperty(a => a.Hash, hash).SetProperty(a => a.Mac, mac), cancellationToken) == 0)
        {
            db.AuditAnchors.Add(new AuditAnchorRow { Name = name, Seq = seq, Hash = hash, Mac = mac });
        }
    }
}
