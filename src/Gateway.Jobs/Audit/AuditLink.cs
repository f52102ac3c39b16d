using System.Globalization;

namespace Gateway.Jobs.Audit;

/// <summary>A link of the chain: which record it holds, and what holds it to the link before.</summary>
/// <param name="Seq">1, 2, 3 … without a gap.</param>
/// <param name="AuditId">Number of the record.</param>
/// <param name="KeyId">The key under which it was made.</param>
/// <param name="Hash">Keyed hash over the link before, this number and the record: 64 hex digits.</param>
public sealed record AuditLink(long Seq, long AuditId, string KeyId, string Hash)
{
    /// <summary>The link of a record behind another link.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="before">The link before.</param>
    /// <param name="auditId">Number of the record.</param>
    /// <param name="mac">The record's own hash.</param>
    public static AuditLink Of(AuditKeys keys, AuditHead before, long auditId, string mac)
    {
        var (seq, hash) = (before.Seq + 1, keys.OfLink(Parts(before, auditId, mac)));
        return new AuditLink(seq, auditId, AuditKeys.IdOf(hash), hash[(hash.IndexOf(':', StringComparison.Ordinal) + 1)..]);
    }

    /// <summary>Whether it holds this record to that link.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="before">The link before.</param>
    /// <param name="mac">The record's own hash.</param>
    public bool Holds(AuditKeys keys, AuditHead before, string mac) => Seq == before.Seq + 1 && keys.IsOfLink($"{KeyId}:{Hash}", Parts(before, AuditId, mac));

    private static string[] Parts(AuditHead before, long auditId, string mac) =>
        ["record", before.Hash, (before.Seq + 1).ToString(CultureInfo.InvariantCulture), auditId.ToString(CultureInfo.InvariantCulture), mac];
}
