using Gateway.Jobs.Audit;
using Gateway.Policies.Limits;
using Gateway.Storage.Model;

namespace Gateway.Storage.Audit;

/// <summary>Records as rows.</summary>
internal static class AuditRows
{
    private const int NameChars = 64;
    private const int GrantChars = 256;

    /// <summary>The row of a record that is written now.</summary>
    /// <param name="record">The record.</param>
    /// <param name="now">Time of the store's clock.</param>
    public static AuditRow Of(AuditRecord record, DateTimeOffset now)
    {
        var whole = record.Duration is null ? record with { Duration = now > record.At ? now - record.At : TimeSpan.Zero } : record;
        return new AuditRow
        {
            AtMs = record.At.ToUnixTimeMilliseconds(),
            Tenant = Cut(record.Tenant, NameChars),
            Grant = Cut(record.Caller, GrantChars),
            Method = Cut(record.Method, NameChars) ?? "",
            Tool = Cut(record.Tool, NameChars),
            Decision = record.Decision,
            JobId = record.JobId,
            Record = AuditText.Of(whole),
        };
    }

    /// <summary>The record of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="seq">Its place in the chain.</param>
    public static AuditEntry EntryOf(AuditRow row, long? seq) => new()
    {
        Id = row.AuditId,
        Seq = seq,
        AtMs = row.AtMs,
        Tenant = row.Tenant,
        Caller = row.Grant,
        Method = row.Method,
        Tool = row.Tool,
        Decision = row.Decision,
        JobId = row.JobId,
        Record = row.Record,
        Mac = row.Mac,
    };

    /// <summary>What a call moved, for its record.</summary>
    public static IReadOnlyList<AuditCounter> CountersOf(CountResult counted) =>
        [.. counted.Counted.Select(c => new AuditCounter(c.Charge.Limit.Rule, c.Used, c.Charge.Limit.Max, c.Charge.WindowStart))];

    private static string? Cut(string? text, int most) => text is null ? null : StoredText.Fit(text, most);
}
