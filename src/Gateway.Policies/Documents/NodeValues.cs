using System.Text.Json;

namespace Gateway.Policies.Documents;

/// <summary>Reads single values of a file; each wrong one is told with what is allowed, and is null then.</summary>
internal static class NodeValues
{
    public static bool IsObject(this DocumentFaults faults, DocumentNode node, string what) => faults.Is(node, JsonValueKind.Object, what, "an object");

    public static bool IsList(this DocumentFaults faults, DocumentNode node, string what) => faults.Is(node, JsonValueKind.Array, what, "a list");

    /// <summary>A text.</summary>
    public static string? Text(this DocumentFaults faults, DocumentNode node, string what, int mostChars = int.MaxValue)
    {
        if (!faults.Is(node, JsonValueKind.String, what, "a text"))
        {
            return null;
        }

        if (node.Text.Length <= mostChars)
        {
            return node.Text;
        }

        faults.Add(node, $"{what} has {node.Text.Length} characters, and may have {mostChars}.");
        return null;
    }

    /// <summary>One of some words.</summary>
    public static string? Choice(this DocumentFaults faults, DocumentNode node, string what, params string[] words)
    {
        if (node.Kind == JsonValueKind.String && words.Contains(node.Text, StringComparer.Ordinal))
        {
            return node.Text;
        }

        var near = node.Kind == JsonValueKind.String && NearestName.Find(node.Text, words) is { } word ? $" Did you mean \"{word}\"?" : "";
        faults.Add(node, $"{what} cannot be {node.Shown}.{near} Allowed: {string.Join(", ", words.Select(w => $"\"{w}\""))}.");
        return null;
    }

    /// <summary>A whole number between two others.</summary>
    public static int? Whole(this DocumentFaults faults, DocumentNode node, string what, int least, int most) =>
        (int?)faults.Number(node, what, $"a whole number from {least} to {most}", n => n.IsWhole && n.CompareTo(JsonNumber.Of(least)) >= 0 && n.CompareTo(JsonNumber.Of(most)) <= 0);

    /// <summary>A number that fits.</summary>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="node">The value.</param>
    /// <param name="what">What it is.</param>
    /// <param name="allowed">What fits, in words.</param>
    /// <param name="fits">Whether it fits.</param>
    public static decimal? Number(this DocumentFaults faults, DocumentNode node, string what, string allowed, Func<JsonNumber, bool> fits)
    {
        if (node.Kind == JsonValueKind.Number && fits(node.Number) && node.Number.ToDecimal() is { } number)
        {
            return number;
        }

        faults.Add(node, $"{what} cannot be {node.Shown}: it is {allowed}.");
        return null;
    }

    private static bool Is(this DocumentFaults faults, DocumentNode node, JsonValueKind kind, string what, string name)
    {
        if (node.Kind == kind)
        {
            return true;
        }

        faults.Add(node, $"{what} cannot be {node.Shown}: it is {name}.");
        return false;
    }
}
