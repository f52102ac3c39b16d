using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Documents;

/// <summary>Reads a list of limits, and the short form of one.</summary>
internal static partial class LimitReader
{
    private const string AllTools = "all_tools";
    private const int MostWindow = 86_400;
    private const int MostJobs = 1_000_000;

    /// <summary>A counter is kept in millionths, as a number of 64 bits.</summary>
    private const long MostCount = 1_000_000_000_000;

    private static readonly string[] Scopes = ["grant", "session", "tenant", "global"];

    /// <summary>The limits in file order, that of the short form first.</summary>
    /// <param name="list">The list; null for none.</param>
    /// <param name="shortForm">The short form; null for none.</param>
    /// <param name="tool">The tool; null for those of all tools.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static IReadOnlyList<LimitRule> Read(DocumentNode? list, DocumentNode? shortForm, string? tool, DocumentFaults faults)
    {
        List<LimitRule> limits = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list is not null && faults.IsList(list, "limits") ? list.Items : [])
        {
            if (ReadOne(item, tool, faults) is { } limit)
            {
                limits.Add(limit);
                if (!seen.Add(limit.Rule))
                {
                    faults.Add(item, $"{(limit is CapRule { Cap: var cap } ? $"A limit of kind {NormalForm.Word(cap.Kind)} and scope {NormalForm.Word(cap.Scope)}" : $"The counter {(limit as CounterRule)?.Counter}")} is in this list already. Give each a name of its own, or keep one.");
                }
            }
        }

        if (shortForm is not null && tool is not null && ReadShort(shortForm, tool, faults) is { } rate)
        {
            if (!seen.Add(rate.Rule))
            {
                faults.Add(shortForm, $"rate_limit makes the counter {rate.Counter}, which limits has already. Rename that one, or keep one of the two.");
            }

            limits.Insert(0, rate);
        }

        return limits;
    }

    private static CounterRule? ReadShort(DocumentNode node, string tool, DocumentFaults faults)
    {
        if (node.Kind != JsonValueKind.Object)
        {
            var (max, window) = node.Kind == JsonValueKind.String && InWords().Match(node.Text) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : ("10", "minute");
            faults.Add(node, $"rate_limit cannot be {node.Shown}: it is an object. Write {{\"max\": {max}, \"window\": \"{window}\"}}.");
            return null;
        }

        return FieldReader.Of(node, "rate_limit", faults, "max", "window") is { } fields && (ReadWindow(fields, faults), ReadMax(fields, isAmount: false, faults)) is ({ } length, { } most)
            ? Counter(tool, $"{tool}_rate", length, most, LimitScope.Grant, null)
            : null;
    }

    private static LimitRule? ReadOne(DocumentNode node, string? tool, DocumentFaults faults)
    {
        if (node.Kind == JsonValueKind.Object && node.Members.Exists(m => m.Name == "kind"))
        {
            return ReadCap(node, tool, faults);
        }

        var fields = tool is null
            ? FieldReader.Of(node, "a limit of all_tools", faults, "counter", "window", "max", "scope", "kind")
            : FieldReader.Of(node, "a limit", faults, "counter", "window", "max", "scope", "increment_from", "kind");
        if (fields is null)
        {
            return null;
        }

        var amount = tool is null ? null : fields["increment_from"];
        var path = amount is null ? null : ArgumentPath.Read(amount, "increment_from", faults);
        var scope = ReadScope(fields, faults);
        return (ReadName(fields, faults), ReadWindow(fields, faults), ReadMax(fields, amount is not null, faults)) is ({ } name, { } window, { } max)
            ? Counter(tool ?? AllTools, name, window, max, scope, path, tool is null)
            : null;
    }

    private static CapRule? ReadCap(DocumentNode node, string? tool, DocumentFaults faults)
    {
        if (FieldReader.Of(node, "a limit with kind", faults, "kind", "max", "scope") is not { } fields)
        {
            return null;
        }

        var kind = fields["kind"] is { } given ? faults.Choice(given, "kind", "running", "queued") : null;
        var scope = ReadScope(fields, faults);
        var max = fields.Required("max", "the most jobs, a whole number of at least 1") is { } most ? faults.Whole(most, "max", 1, MostJobs) : null;
        return kind is null || max is null
            ? null
            : new CapRule(new JobCap(kind == "running" ? JobCapKind.Running : JobCapKind.Queued, scope, max.Value, tool, $"{(tool is null ? $"/{AllTools}" : $"/tools/{tool}")}/limits/{kind}-{NormalForm.Word(scope)}"));
    }

    private static CounterRule Counter(string tool, string name, TimeSpan window, decimal max, LimitScope scope, ArgumentPath? path, bool isOfAll = false) =>
        new(tool, name, window, max, scope, path, $"{(isOfAll ? $"/{AllTools}" : $"/tools/{tool}")}/limits/{name}");

    private static string? ReadName(FieldReader fields, DocumentFaults faults)
    {
        if (fields.Required("counter", "the name of the counter, 1 to 64 of A-Za-z0-9_.- (or kind, for a limit on jobs)") is not { } node)
        {
            return null;
        }

        if (node.Kind == JsonValueKind.String && Name().IsMatch(node.Text))
        {
            return node.Text;
        }

        faults.Add(node, $"counter cannot be {node.Shown}: it is a name of 1 to 64 of A-Za-z0-9_.-");
        return null;
    }

    private static TimeSpan? ReadWindow(FieldReader fields, DocumentFaults faults)
    {
        const string Words = "\"minute\", \"hour\", \"day\", or a whole number of seconds from 1 to 86400";
        if (fields.Required("window", Words) is not { } node)
        {
            return null;
        }

        var seconds = node switch
        {
            { Kind: JsonValueKind.String, Text: "minute" } => 60,
            { Kind: JsonValueKind.String, Text: "hour" } => 3600,
            { Kind: JsonValueKind.String, Text: "day" } => MostWindow,
            { Kind: JsonValueKind.Number } when node.Number.IsWhole && node.Number.CompareTo(JsonNumber.Of(MostWindow)) <= 0 => (int)(node.Number.ToDecimal() ?? 0),
            _ => 0,
        };
        if (seconds >= 1)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        faults.Add(node, $"window cannot be {node.Shown}: it is {Words}.");
        return null;
    }

    private static decimal? ReadMax(FieldReader fields, bool isAmount, DocumentFaults faults)
    {
        var words = isAmount ? "a number greater than 0, with increment_from" : "a whole number of at least 1";
        if (fields.Required("max", words) is not { } node)
        {
            return null;
        }

        var most = JsonNumber.Of(MostCount);
        var max = faults.Number(node, "max", $"{words}, at most {MostCount}", n => n.CompareTo(JsonNumber.Of(isAmount ? 0 : 1)) is > 0 or 0 && n.CompareTo(most) <= 0 && (isAmount ? n.CompareTo(default) > 0 : n.IsWhole));
        return max is { } found && isAmount ? Amounts.RoundUp(found) : max;
    }

    private static LimitScope ReadScope(FieldReader fields, DocumentFaults faults) =>
        fields["scope"] is { } node && faults.Choice(node, "scope", Scopes) is { } word ? (LimitScope)Array.IndexOf(Scopes, word) : LimitScope.Grant;

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("^([0-9]{1,9}) *(?:/|per) *(minute|hour|day)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex InWords();
}
