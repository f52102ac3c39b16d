using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Documents;

/// <summary>Reads a list of predicates.</summary>
internal static class PredicateReader
{
    /// <summary>The predicates, in file order.</summary>
    /// <param name="node">The list.</param>
    /// <param name="what">Its name.</param>
    /// <param name="mayTell">Whether <c>on_deny</c> is allowed.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static IReadOnlyList<Predicate> Read(DocumentNode node, string what, bool mayTell, DocumentFaults faults)
    {
        if (!faults.IsList(node, what))
        {
            return [];
        }

        List<Predicate> predicates = [];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in node.Items)
        {
            if (ReadOne(item, mayTell, faults) is { } predicate)
            {
                var times = seen[predicate.Key] = seen.GetValueOrDefault(predicate.Key) + 1;
                predicates.Add(times == 1 ? predicate : predicate with { Key = $"{predicate.Key}#{times}" });
            }
        }

        return predicates;
    }

    private static Predicate? ReadOne(DocumentNode node, bool mayTell, DocumentFaults faults)
    {
        var fields = mayTell ? FieldReader.Of(node, "a predicate", faults, "path", "op", "value", "on_deny") : FieldReader.Of(node, "a predicate of required_if", faults, "path", "op", "value");
        if (fields is null)
        {
            return null;
        }

        var path = fields.Required("path", "args. and the name of an argument") is { } given ? ArgumentPath.Read(given, "path", faults) : null;
        var name = fields.Required("op", $"one of {string.Join(", ", PredicateOperator.Names)}") is { } op ? faults.Choice(op, "op", PredicateOperator.Names) : null;
        var told = fields["on_deny"] is { } onDeny && mayTell ? faults.Text(onDeny, "on_deny", RuleReader.MostReasonChars) : null;
        var value = fields.Required("value", "what the argument is compared with");
        if (value is null || PredicateOperator.All.FirstOrDefault(o => o.Name == name) is not { } found || found.Compile(value, faults) is not { } compiled || path is null)
        {
            return null;
        }

        return new Predicate { Path = path, Operator = found, Value = compiled.Value, Test = compiled.Test, OnDeny = told, Key = $"{path.Text}-{found.Name}" };
    }
}
