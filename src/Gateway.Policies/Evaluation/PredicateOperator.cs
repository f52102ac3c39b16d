using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Policies.Documents;

namespace Gateway.Policies.Evaluation;

/// <summary>An operator: what it takes, and what it says.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="TakesList">A list argument is judged by its elements.</param>
/// <param name="Compile">Makes of a value in a file the value in its one spelling and the test; null when the value is wrong, which is told then.</param>
internal sealed record PredicateOperator(string Name, bool TakesList, Func<DocumentNode, DocumentFaults, (JsonElement Value, Func<JsonElement, Truth> Test)?> Compile)
{
    public const string Exists = "exists";

    private const int MostPatternChars = 1000;

    /// <summary>Longest that one pattern may look at one argument; beyond it the call is refused.</summary>
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    /// <summary>All operators.</summary>
    public static IReadOnlyList<PredicateOperator> All { get; } =
    [
        new("eq", false, (node, _) => Tested(node, (argument, value) => JsonElement.DeepEquals(argument, value))),
        new("neq", false, (node, _) => Tested(node, (argument, value) => !JsonElement.DeepEquals(argument, value))),
        new("in", true, (node, faults) => Among(node, faults, true)),
        new("not_in", true, (node, faults) => Among(node, faults, false)),
        new("lt", true, (node, faults) => Compared(node, faults, order => order < 0)),
        new("lte", true, (node, faults) => Compared(node, faults, order => order <= 0)),
        new("gt", true, (node, faults) => Compared(node, faults, order => order > 0)),
        new("gte", true, (node, faults) => Compared(node, faults, order => order >= 0)),
        new("regex", true, (node, faults) => Matched(node, faults, PatternTime)),
        new("contains", false, Containing),
        new(Exists, false, Existing),
        new("under", true, (node, faults) => Below(node, faults, true)),
        new("not_under", true, (node, faults) => Below(node, faults, false)),
    ];

    /// <summary>The names of all.</summary>
    public static string[] Names { get; } = [.. All.Select(o => o.Name)];

    /// <summary>The test of a pattern with another time than the product's.</summary>
    internal static (JsonElement Value, Func<JsonElement, Truth> Test)? Matched(DocumentNode node, DocumentFaults faults, TimeSpan time)
    {
        if (faults.Text(node, "value of regex", MostPatternChars) is not { } pattern)
        {
            return null;
        }

        try
        {
            var regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, time);
            return (node.Json(), argument => argument.ValueKind == JsonValueKind.String ? Said(regex.IsMatch(argument.GetString() ?? "")) : Truth.Undefined);
        }
        catch (NotSupportedException)
        {
            faults.Add(node, "value of regex uses look-around, a back-reference or an atomic group, or grows too large: the engine works without backtracking, so that no text can stall it. Write it without.");
        }
        catch (ArgumentException broken)
        {
            faults.Add(node, $"value of regex is no pattern: {broken.Message}");
        }

        return null;
    }

    private static Truth Said(bool holds) => holds ? Truth.True : Truth.False;

    private static (JsonElement, Func<JsonElement, Truth>)? Tested(DocumentNode node, Func<JsonElement, JsonElement, bool> holds)
    {
        var value = node.Json();
        return (value, argument => Said(holds(argument, value)));
    }

    private static (JsonElement, Func<JsonElement, Truth>)? Among(DocumentNode node, DocumentFaults faults, bool wanted)
    {
        if (node.Kind != JsonValueKind.Array || node.Items.Count == 0 || !node.Items.TrueForAll(item => IsScalar(item.Kind)))
        {
            faults.Add(node, $"value of {(wanted ? "in" : "not_in")} cannot be {node.Shown}: it is a list of at least one text, number, true or false.");
            return null;
        }

        var value = node.Json();
        return (value, argument => IsScalar(argument.ValueKind) ? Said(value.EnumerateArray().Any(item => JsonElement.DeepEquals(item, argument)) == wanted) : Truth.Undefined);
    }

    private static (JsonElement, Func<JsonElement, Truth>)? Compared(DocumentNode node, DocumentFaults faults, Func<int, bool> holds)
    {
        if (node.Kind != JsonValueKind.Number)
        {
            faults.Add(node, $"value of lt, lte, gt and gte cannot be {node.Shown}: it is a number.");
            return null;
        }

        var number = node.Number;
        return (node.Json(), argument => argument.ValueKind == JsonValueKind.Number ? Said(holds(JsonNumber.Of(argument).CompareTo(number))) : Truth.Undefined);
    }

    private static (JsonElement, Func<JsonElement, Truth>)? Containing(DocumentNode node, DocumentFaults faults)
    {
        if (!IsScalar(node.Kind))
        {
            faults.Add(node, $"value of contains cannot be {node.Shown}: it is a text, a number, true or false.");
            return null;
        }

        var value = node.Json();
        return (value, argument => argument.ValueKind switch
        {
            JsonValueKind.String => Said(node.Kind == JsonValueKind.String && (argument.GetString() ?? "").Contains(node.Text, StringComparison.Ordinal)),
            JsonValueKind.Array => Said(argument.EnumerateArray().Any(item => JsonElement.DeepEquals(item, value))),
            _ => Truth.Undefined,
        });
    }

    private static (JsonElement, Func<JsonElement, Truth>)? Existing(DocumentNode node, DocumentFaults faults)
    {
        if (node.Kind is not (JsonValueKind.True or JsonValueKind.False))
        {
            faults.Add(node, $"value of {Exists} cannot be {node.Shown}: it is true or false.");
            return null;
        }

        return (node.Json(), _ => Truth.Undefined);
    }

    private static (JsonElement, Func<JsonElement, Truth>)? Below(DocumentNode node, DocumentFaults faults, bool wanted)
    {
        List<DocumentNode> items = node.Kind == JsonValueKind.Array ? node.Items : [node];
        var roots = items.Select(item => item.Kind == JsonValueKind.String ? PathText.SegmentsOf(item.Text) : null).OfType<string[]>().ToList();
        if (roots.Count < items.Count || roots.Count == 0)
        {
            faults.Add(node, $"value of {(wanted ? "under" : "not_under")} cannot be {node.Shown}: it is {PathText.Words}, or a list of them.");
            return null;
        }

        // A list of one is the path itself: one meaning, one spelling.
        var texts = roots.Select(PathText.Of).ToList();
        var value = texts.Count == 1 ? JsonSerializer.SerializeToElement(texts[0]) : JsonSerializer.SerializeToElement(texts);
        return (value, argument => argument.ValueKind == JsonValueKind.String && PathText.SegmentsOf(argument.GetString() ?? "") is { } path
            ? Said(roots.Exists(root => PathText.IsUnder(path, root)) == wanted)
            : Truth.Undefined);
    }

    private static bool IsScalar(JsonValueKind kind) => kind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
}
