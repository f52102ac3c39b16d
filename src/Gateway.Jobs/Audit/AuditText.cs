using System.Text;
using System.Text.Json;

namespace Gateway.Jobs.Audit;

/// <summary>
/// A record in its one spelling: members in ordinal order, none without a value, nothing but ASCII: no text in it can end a line, turn
/// its direction or command a terminal. Long texts are cut: much of a record comes from callers.
/// </summary>
public static class AuditText
{
    private const int MostChars = 500;
    private const int MostNames = 200;

    /// <summary>The record as it is stored and sealed.</summary>
    /// <param name="record">The record.</param>
    public static string Of(AuditRecord record)
    {
        using var buffer = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Text(json, "address", record.Address);
            Text(json, "approvalId", record.ApprovalId?.ToString("N"));
            Names(json, record.ArgumentNames);
            Text(json, "argsHash", record.ArgumentsHash);
            Text(json, "at", Time(record.At));
            Text(json, "caller", record.Caller);
            Number(json, "costUsd", record.CostUsd);
            Counters(json, record.Counters);
            Text(json, "decidedBy", record.DecidedBy);
            Text(json, "decision", record.Decision);
            Text(json, "decisionId", record.DecisionId.ToString("N"));
            Number(json, "durationMs", (long?)record.Duration?.TotalMilliseconds);
            Text(json, "grant", record.Grant);
            Text(json, "jobId", record.JobId is { } job ? JobIdText.Format(job) : null);
            Text(json, "kind", record.Kind);
            Text(json, "method", record.Method);
            Text(json, "policy", record.Policy);
            Text(json, "policyHash", record.PolicyHash);
            Text(json, "reason", record.Reason);
            Text(json, "requestId", record.RequestId);
            Number(json, "reservedUsd", record.ReservedUsd);
            Text(json, "rule", record.Rule);
            if (record.SecondLook)
            {
                json.WriteBoolean("secondLook", true);
            }

            Text(json, "session", record.Session);
            Text(json, "subject", record.Subject);
            Text(json, "tenant", record.Tenant);
            Text(json, "tool", record.Tool);
            Text(json, "traceId", record.TraceId);
            json.WriteEndObject();
        }

        return Encoding.ASCII.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Names(Utf8JsonWriter json, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            json.WriteStartArray("argNames");
            foreach (var name in names.Take(MostNames))
            {
                json.WriteStringValue(Cut(name));
            }

            json.WriteEndArray();
        }
    }

    private static void Counters(Utf8JsonWriter json, IReadOnlyList<AuditCounter> counters)
    {
        if (counters.Count == 0)
        {
            return;
        }

        json.WriteStartArray("counters");
        foreach (var counter in counters)
        {
            json.WriteStartObject();
            Number(json, "max", counter.Max);
            Text(json, "rule", counter.Rule);
            Number(json, "used", counter.Used);
            Text(json, "windowStart", Time(counter.WindowStart));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, Cut(value));
        }
    }

    private static void Number(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            // Without zeros at the end: 5 and 5.00 are one number.
            json.WriteNumber(name, number / 1.0000000000000000000000000000m);
        }
    }

    private static string Cut(string text) => text.Length > MostChars ? text[..(char.IsHighSurrogate(text[MostChars - 1]) ? MostChars - 1 : MostChars)] : text;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
