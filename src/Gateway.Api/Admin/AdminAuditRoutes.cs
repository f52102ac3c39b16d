using System.Globalization;
using System.Text.Json;
using Gateway.Jobs;
using Gateway.Jobs.Audit;

namespace Gateway.Api.Admin;

/// <summary>The audit log as an operator reads it.</summary>
internal sealed class AdminAuditRoutes(IAuditStore store, AuditVerifier verifier)
{
    private const int MostRecords = 1_000;
    private const int FewRecords = 50;

    public async Task ListAsync(HttpContext context)
    {
        var faults = new List<string>();
        var filter = FilterOf(context.Request.Query, faults);
        if (faults.Count > 0)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, string.Join('\n', faults));
            return;
        }

        var found = await store.ListAsync(filter, context.RequestAborted);
        var answer = new AdminAudit([.. found.Select(RecordOf)], found.Count == filter.Limit ? found[^1].Id : null);
        await AdminReply.WriteAsync(context, answer, AdminJson.Default.AdminAudit);
    }

    public async Task VerifyAsync(HttpContext context)
    {
        var faults = new List<string>();
        var newest = NumberOf(context.Request.Query, "newest", 1, long.MaxValue, faults);
        if (faults.Count > 0)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status400BadRequest, faults[0]);
            return;
        }

        await AdminReply.WriteAsync(context, await verifier.VerifyAsync(newest, context.RequestAborted), AdminJson.Default.AuditVerdict);
    }

    private static AuditFilter FilterOf(IQueryCollection query, List<string> faults) => new()
    {
        Since = TimeOf(query, "since", faults),
        Until = TimeOf(query, "until", faults),
        Tenant = TextOf(query, "tenant"),
        Tool = TextOf(query, "tool"),
        Decision = DecisionOf(query, faults),
        Caller = TextOf(query, "caller"),
        JobId = JobOf(query, faults),
        OldestFirst = TextOf(query, "order") == "oldest",
        After = NumberOf(query, "after", 0, long.MaxValue, faults),
        Limit = (int)(NumberOf(query, "limit", 1, MostRecords, faults) ?? FewRecords),
    };

    // Its members as they were written, behind its numbers. What is no record any more is told, and not passed on.
    private static JsonElement RecordOf(AuditEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("id", entry.Id);
            if (entry.Seq is { } seq)
            {
                json.WriteNumber("seq", seq);
            }

            try
            {
                using var record = JsonDocument.Parse(entry.Record);
                foreach (var member in record.RootElement.EnumerateObject())
                {
                    member.WriteTo(json);
                }
            }
            catch (Exception problem) when (problem is JsonException or InvalidOperationException)
            {
                json.WriteBoolean("unreadable", true);
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    private static string? TextOf(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    private static string? DecisionOf(IQueryCollection query, List<string> faults)
    {
        var text = TextOf(query, "decision");
        if (text is not (null or AuditDecisions.Allowed or AuditDecisions.Denied or AuditDecisions.Held or AuditDecisions.Done))
        {
            faults.Add($"decision must be {AuditDecisions.Allowed}, {AuditDecisions.Denied}, {AuditDecisions.Held} or {AuditDecisions.Done}, not '{text}'.");
        }

        return text;
    }

    private static Guid? JobOf(IQueryCollection query, List<string> faults)
    {
        if (TextOf(query, "job") is not { } text)
        {
            return null;
        }

        if (!JobIdText.TryParse(text, out var id))
        {
            faults.Add($"job must be the id of a job, such as job_…, not '{text}'.");
        }

        return id;
    }

    private static DateTimeOffset? TimeOf(IQueryCollection query, string name, List<string> faults)
    {
        if (TextOf(query, name) is not { } text)
        {
            return null;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            faults.Add($"{name} must be a time such as 2026-11-28T15:00:00Z, not '{text}'.");
        }

        return time;
    }

    private static long? NumberOf(IQueryCollection query, string name, long least, long most, List<string> faults)
    {
        if (TextOf(query, name) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            faults.Add($"{name} must be a whole number from {least} to {most}, not '{text}'.");
        }

        return number;
    }
}
