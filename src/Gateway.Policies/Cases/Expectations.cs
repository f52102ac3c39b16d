using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies.Documents;

namespace Gateway.Policies.Cases;

/// <summary>Compares answers with what a case expects. Labels of approvals hold through the whole case.</summary>
internal sealed class Expectations
{
    private const int RetryTolerance = 1;
    private const string Nothing = "nothing";

    private readonly Dictionary<string, string> labels = new(StringComparer.Ordinal);
    private readonly List<CaseDifference> differences = [];

    public IReadOnlyList<CaseDifference> Differences => differences;

    /// <summary>Compares the answers of a step, more than one when it is repeated.</summary>
    public void Compare(CaseStep step, IReadOnlyList<StepAnswer> answers)
    {
        var denied = answers.Where(a => a.IsAllowed == false).ToList();
        // Of calls of which some pass, a reason is that of those that do not.
        var refused = step.Expected.TryGetProperty("deniedCount", out _) && denied.Count > 0 ? denied : answers;
        foreach (var wanted in step.Expected.EnumerateObject())
        {
            switch (wanted.Name)
            {
                case "allowedCount":
                    Expect(step, wanted, $"{answers.Count(a => a.IsAllowed == true)}");
                    break;
                case "deniedCount":
                    Expect(step, wanted, $"{denied.Count}");
                    break;
                case "kind" or "rule" or "limit" or "remaining" or "retryAfterSeconds" or "reasonContains" or "policyHash":
                    refused.ToList().ForEach(answer => CompareOne(step, wanted, answer));
                    break;
                case "jobState" or "started" or "approvalId" or "approvalIdNot":
                    CompareOne(step, wanted, answers[0]);
                    break;
                default:
                    answers.ToList().ForEach(answer => CompareOne(step, wanted, answer));
                    break;
            }
        }
    }

    private void CompareOne(CaseStep step, JsonProperty wanted, StepAnswer answer)
    {
        switch (wanted.Name)
        {
            case "allowed":
                Expect(step, wanted, Word(answer.IsAllowed));
                break;
            case "denied":
                Expect(step, wanted, Word(!answer.IsAllowed));
                break;
            case "ok":
                Expect(step, wanted, Word(answer.IsOk));
                break;
            case "started":
                Expect(step, wanted, Word(answer.IsStarted));
                break;
            case "policyAccepted":
                Expect(step, wanted, Word(answer.IsPolicyAccepted));
                break;
            case "kind":
                Expect(step, wanted, answer.Kind);
                break;
            case "rule":
                Expect(step, wanted, answer.Rule);
                break;
            case "policyHash":
                Expect(step, wanted, answer.PolicyHash);
                break;
            case "limit":
                Expect(step, wanted, Word(answer.Limit));
                break;
            case "remaining":
                Expect(step, wanted, Word(answer.Remaining));
                break;
            case "retryAfterSeconds":
                ExpectThat(
                    step,
                    wanted,
                    wanted.Value.ValueKind == JsonValueKind.Number ? answer.RetryAfterSeconds is { } seconds && Math.Abs(wanted.Value.GetDecimal() - seconds) <= RetryTolerance : answer.RetryAfterSeconds is null,
                    Word(answer.RetryAfterSeconds));
                break;
            case "reasonContains" or "errorContains":
                ExpectThat(step, wanted, answer.Text.Contains(wanted.Value.ToString(), StringComparison.OrdinalIgnoreCase), answer.Text);
                break;
            case "jobState":
                ExpectThat(step, wanted, answer.JobStates.Contains(wanted.Value.ToString()), answer.JobStates.Count > 0 ? answer.JobStates[^1] : Nothing);
                break;
            case "approvalId":
                ExpectThat(step, wanted, answer.ApprovalId is { } id && Labelled(wanted.Value.ToString(), id), answer.ApprovalId);
                break;
            case "approvalIdNot":
                ExpectThat(step, wanted, answer.ApprovalId is { } another && labels.GetValueOrDefault(wanted.Value.ToString()) != another, answer.ApprovalId);
                break;
            case "listed":
                ExpectThat(step, wanted, wanted.Value.EnumerateArray().All(tool => answer.Listed?.Contains(tool.ToString()) == true), Names(answer.Listed));
                break;
            case "notListed":
                ExpectThat(step, wanted, !wanted.Value.EnumerateArray().Any(tool => answer.Listed?.Contains(tool.ToString()) == true), Names(answer.Listed));
                break;
            case "auditEntries":
                CompareAudit(step, wanted, answer.Audit ?? []);
                break;
            case "auditNotContains":
                ExpectThat(step, wanted, !wanted.Value.EnumerateArray().Any(text => answer.Audit?.Any(record => Flat(record).Contains(text.ToString(), StringComparison.Ordinal)) == true), "a record that holds it");
                break;
            default:
                differences.Add(new CaseDifference(step.Number, wanted.Name, wanted.Value.GetRawText(), "an expectation that nobody knows"));
                break;
        }
    }

    // The records in this order; others may lie between.
    private void CompareAudit(CaseStep step, JsonProperty wanted, IReadOnlyList<JsonObject> audit)
    {
        var next = 0;
        foreach (var record in wanted.Value.EnumerateArray())
        {
            while (next < audit.Count && !Holds(audit[next], record))
            {
                next++;
            }

            if (next++ >= audit.Count)
            {
                differences.Add(new CaseDifference(step.Number, wanted.Name, record.GetRawText(), "no such record, or not in this order"));
                return;
            }
        }
    }

    private static bool Holds(JsonObject record, JsonElement wanted) =>
        wanted.EnumerateObject().All(field => record[field.Name] is { } found && JsonElement.DeepEquals(JsonElement.Parse(found.ToJsonString()), field.Value));

    private static string Flat(JsonObject record) => CanonicalJson.Of(JsonElement.Parse(record.ToJsonString()));

    private bool Labelled(string label, string id)
    {
        if (labels.TryGetValue(label, out var known))
        {
            return known == id;
        }

        labels[label] = id;
        return true;
    }

    private void Expect(CaseStep step, JsonProperty wanted, string? got) => ExpectThat(step, wanted, wanted.Value.ValueKind switch
    {
        JsonValueKind.Null => got is null,
        JsonValueKind.Number => decimal.TryParse(got, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) && number == wanted.Value.GetDecimal(),
        JsonValueKind.True => got == "true",
        // Where nothing is said of it, it is not so.
        JsonValueKind.False => got is "false" or null,
        _ => got == wanted.Value.ToString(),
    }, got);

    private void ExpectThat(CaseStep step, JsonProperty wanted, bool isSo, string? got)
    {
        if (!isSo)
        {
            differences.Add(new CaseDifference(step.Number, wanted.Name, wanted.Value.ToString(), got ?? Nothing));
        }
    }

    private static string? Word(bool? value) => value switch
    {
        null => null,
        true => "true",
        _ => "false",
    };

    private static string? Word(decimal? value) => value?.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Names(IReadOnlyList<string>? names) => names is null ? Nothing : string.Join(", ", names);
}
