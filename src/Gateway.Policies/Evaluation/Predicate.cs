using System.Text.Json;

namespace Gateway.Policies.Evaluation;

/// <summary>A sentence about one argument of a call.</summary>
internal sealed record Predicate
{
    public required ArgumentPath Path { get; init; }

    public required PredicateOperator Operator { get; init; }

    /// <summary>The value in its one spelling.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>What the caller reads instead of the default.</summary>
    public string? OnDeny { get; init; }

    /// <summary>Its part of a rule pointer, such as <c>args.model-in</c> or <c>args.model-in#2</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What the operator says of one argument, or of one element of a list.</summary>
    public required Func<JsonElement, Truth> Test { get; init; }

    /// <summary>Whether it holds.</summary>
    /// <param name="arguments">The arguments of the call, an object.</param>
    /// <param name="everyElement">Of a list every element has to satisfy it; else one is enough.</param>
    public Truth Holds(JsonElement arguments, bool everyElement)
    {
        var found = Path.Find(arguments);
        if (Operator.Name == PredicateOperator.Exists)
        {
            return found is not null == (Value.ValueKind == JsonValueKind.True) ? Truth.True : Truth.False;
        }

        return found switch
        {
            null => Truth.False,
            { ValueKind: JsonValueKind.Array } list when Operator.TakesList => OfList(list, everyElement),
            { } argument => Test(argument),
        };
    }

    private Truth OfList(JsonElement list, bool everyElement)
    {
        var decisive = everyElement ? Truth.False : Truth.True;
        var answer = everyElement ? Truth.True : Truth.False;
        foreach (var element in list.EnumerateArray())
        {
            var truth = Test(element);
            if (truth == decisive)
            {
                return decisive;
            }

            answer = truth == Truth.Undefined ? Truth.Undefined : answer;
        }

        return answer;
    }
}
