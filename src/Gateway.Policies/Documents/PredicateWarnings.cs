using System.Text.Json;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Documents;

/// <summary>W04: predicates without effect. W08: patterns in <c>require</c> that a longer text meets as well.</summary>
internal static class PredicateWarnings
{
    public static IEnumerable<(string Code, string Pointer, string Message)> WithoutEffect(PolicyRules rules, ToolCatalog catalog)
    {
        foreach (var (tool, rule) in rules.Tools)
        {
            var pointer = DocumentNode.Below("/tools", tool);
            foreach (var (place, predicate) in PredicatesOf(rule, pointer))
            {
                if (catalog.Find(tool) is { } facts && !facts.Arguments.Contains(predicate.Path.Names[0]))
                {
                    var near = NearestName.Find(predicate.Path.Names[0], facts.Arguments) is { } name ? $" Did you mean args.{name}?" : "";
                    yield return ("W04", place, $"{tool} has no argument {FieldReader.Cut(predicate.Path.Names[0])}: the predicate never says anything of a call that is sound.{near}");
                }
                else if (predicate is { Value.ValueKind: JsonValueKind.Null })
                {
                    yield return ("W04", place, "null counts as absent, and of what is absent only exists says anything. Use exists.");
                }
            }

            foreach (var group in rule.Require.GroupBy(p => p.Path.Text).Where(Excludes))
            {
                yield return ("W04", $"{pointer}/require/{group.Last().Key}", $"The predicates on {group.Key} exclude each other: no value meets them all, so every call is refused.");
            }

            foreach (var group in rule.Require.GroupBy(p => p.Path.Text).Where(g => !Excludes(g) && ExcludesWith(g, rule.DenyIf)))
            {
                yield return ("W04", $"{pointer}/require/{group.Last().Key}", $"deny_if refuses every value of {group.Key} that require lets pass, so every call is refused.");
            }
        }
    }

    public static IEnumerable<(string Code, string Pointer, string Message)> Unanchored(PolicyRules rules) =>
        from rule in rules.Tools
        from predicate in rule.Value.Require
        where predicate.Operator.Name == "regex" && !IsAnchored(predicate.Value.GetString() ?? "")
        select ("W08", $"{DocumentNode.Below("/tools", rule.Key)}/require/{predicate.Key}", "The pattern is found anywhere in the text, so a longer text with more in it passes too. Begin it with ^ and end it with $.");

    private static IEnumerable<(string Place, Predicate Predicate)> PredicatesOf(ToolRule rule, string pointer) =>
    [
        .. rule.Require.Select(p => ($"{pointer}/require/{p.Key}", p)),
        .. rule.DenyIf.Select(p => ($"{pointer}/deny_if/{p.Key}", p)),
        .. (rule.Approval?.RequiredIf ?? []).Select(p => ($"{pointer}/approval/required_if/{p.Key}", p)),
    ];

    private static bool Excludes(IGrouping<string, Predicate> predicates)
    {
        if (predicates.Any(p => p.Operator.Name == PredicateOperator.Exists && p.Value.ValueKind == JsonValueKind.False))
        {
            // Every other operator needs a value.
            return predicates.Any(p => p.Operator.Name != PredicateOperator.Exists || p.Value.ValueKind == JsonValueKind.True);
        }

        return CandidatesOf(predicates) is { } candidates ? !candidates.Any(value => predicates.All(p => Holds(p, value) == Truth.True)) : AreApart(predicates);
    }

    private static bool ExcludesWith(IGrouping<string, Predicate> required, IReadOnlyList<Predicate> denied) =>
        CandidatesOf(required) is { } candidates && denied.Where(p => p.Path.Text == required.Key).ToList() is { Count: > 0 } same
        && candidates.Where(value => required.All(p => Holds(p, value) == Truth.True)).All(value => same.Exists(p => Holds(p, value) != Truth.False));

    // The values that pass, where a predicate names them all; null where none does.
    private static List<JsonElement>? CandidatesOf(IEnumerable<Predicate> predicates) => predicates.FirstOrDefault(p => p.Operator.Name is "eq" or "in") switch
    {
        null => null,
        { Operator.Name: "eq" } equal => [equal.Value],
        { } among => [.. among.Value.EnumerateArray()],
    };

    private static Truth Holds(Predicate predicate, JsonElement value) =>
        predicate.Operator.Name == PredicateOperator.Exists
            ? (predicate.Value.ValueKind == JsonValueKind.True ? Truth.True : Truth.False)
            : predicate.Operator.TakesList && value.ValueKind == JsonValueKind.Array ? Truth.True : predicate.Test(value);

    // Bounds that leave nothing between them, and folders that lie apart or in forbidden ones.
    private static bool AreApart(IEnumerable<Predicate> predicates)
    {
        var lower = predicates.Where(p => p.Operator.Name is "gt" or "gte").Select(p => (Value: JsonNumber.Of(p.Value), IsOpen: p.Operator.Name == "gt"));
        var upper = predicates.Where(p => p.Operator.Name is "lt" or "lte").Select(p => (Value: JsonNumber.Of(p.Value), IsOpen: p.Operator.Name == "lt")).ToList();
        if (lower.Any(l => upper.Exists(u => l.Value.CompareTo(u.Value) is var order && (order > 0 || (order == 0 && (l.IsOpen || u.IsOpen))))))
        {
            return true;
        }

        var roots = predicates.Where(p => p.Operator.Name == "under").Select(RootsOf).ToList();
        var forbidden = predicates.Where(p => p.Operator.Name == "not_under").SelectMany(RootsOf).ToList();
        return roots.Count > 0 && !roots[0].Any(root =>
            roots.TrueForAll(others => others.Any(other => PathText.IsUnder(root, other) || PathText.IsUnder(other, root))) && !forbidden.Exists(f => PathText.IsUnder(root, f)));
    }

    private static IEnumerable<string[]> RootsOf(Predicate predicate) =>
        (predicate.Value.ValueKind == JsonValueKind.Array ? predicate.Value.EnumerateArray().Select(v => v.GetString()) : [predicate.Value.GetString()])
            .Select(text => PathText.SegmentsOf(text ?? "") ?? []);

    // Every alternative outside of groups has to hold both ends.
    private static bool IsAnchored(string pattern) => AlternativesOf(pattern).TrueForAll(one =>
        (one.StartsWith('^') || one.StartsWith("\\A", StringComparison.Ordinal))
        && (one.EndsWith("\\z", StringComparison.Ordinal) || one.EndsWith("\\Z", StringComparison.Ordinal) || (one.EndsWith('$') && one.Reverse().Skip(1).TakeWhile(c => c == '\\').Count() % 2 == 0)));

    private static List<string> AlternativesOf(string pattern)
    {
        List<string> parts = [];
        var (start, depth, inClass) = (0, 0, false);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[' when !inClass:
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    depth++;
                    break;
                case ')' when !inClass:
                    depth--;
                    break;
                case '|' when !inClass && depth == 0:
                    parts.Add(pattern[start..i]);
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        parts.Add(pattern[start..]);
        return parts;
    }
}
