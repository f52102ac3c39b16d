using System.Text.Json;
using Gateway.Policies.Documents;

namespace Gateway.Policies.Evaluation;

/// <summary>Where an argument is: <c>args.</c> and the names of members, one in another. Goes down objects only.</summary>
internal sealed record ArgumentPath(string Text, IReadOnlyList<string> Names)
{
    private const string Start = "args.";

    /// <summary>The path of a file; null when it is none.</summary>
    public static ArgumentPath? Read(DocumentNode node, string what, DocumentFaults faults)
    {
        if (faults.Text(node, what) is not { } text)
        {
            return null;
        }

        var names = text.StartsWith(Start, StringComparison.Ordinal) ? text[Start.Length..].Split('.') : [];
        if (names.Length > 0 && !names.Contains("", StringComparer.Ordinal) && text.AsSpan().IndexOfAny("[]*") < 0)
        {
            return new ArgumentPath(text, names);
        }

        faults.Add(node, $"{what} cannot be {node.Shown}: it is args. and a name, such as args.model or args.promptParts.task. A list is judged as a whole, without an index.");
        return null;
    }

    /// <summary>The argument; null when it is absent or null.</summary>
    public JsonElement? Find(JsonElement arguments)
    {
        var found = arguments;
        foreach (var name in Names)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : found;
    }
}
