using System.Text.Json;

namespace Gateway.Policies.Evaluation;

/// <summary>The parts of a prompt, and what they are together.</summary>
public static class PromptParts
{
    /// <summary>The argument that holds them.</summary>
    public const string Argument = "promptParts";

    /// <summary>Names of the parts in the order in which they are joined. The last one, the task, has to be there.</summary>
    public static IReadOnlyList<string> Names { get; } = ["system", "tools", "context", "task"];

    /// <summary>The parts that were sent, in order, with a blank line between them; null when there are none.</summary>
    /// <param name="arguments">Arguments of a call, an object. What is no text in it is passed over: it is refused elsewhere.</param>
    public static string? Join(JsonElement arguments)
    {
        if (!arguments.TryGetProperty(Argument, out var parts) || parts.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var texts = Names
            .Select(name => parts.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.String ? Text(part) : null)
            .Where(text => !string.IsNullOrEmpty(text))
            .ToList();
        return texts.Count > 0 ? string.Join("\n\n", texts) : null;
    }

    private static string? Text(JsonElement part)
    {
        try
        {
            return part.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a character, which is no text.
            return null;
        }
    }
}
