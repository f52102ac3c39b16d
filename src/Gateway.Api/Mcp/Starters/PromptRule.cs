using System.Globalization;
using System.Text.Json;
using Gateway.Api.Mcp.Arguments;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;

namespace Gateway.Api.Mcp.Starters;

/// <summary>The prompt of a call: one text, or parts that are joined. That it has one of the two forms is the table's to see.</summary>
internal static class PromptRule
{
    /// <summary>Most UTF-16 units, in both forms.</summary>
    public const int MostChars = 1_000_000;

    /// <summary>The argument that is the prompt.</summary>
    public const string Prompt = "prompt";

    private const string Task = "task";
    private static readonly TextSpec Part = new("part", 0, MostChars) { Confidential = true };

    /// <summary>The prompt; null when something is wrong with it.</summary>
    public static string? Check(ParsedArguments arguments)
    {
        if (arguments.Json(PromptParts.Argument) is not { } parts)
        {
            return arguments.Text(Prompt);
        }

        return arguments.Has(Prompt) ? null : Join(arguments, parts);
    }

    private static string? Join(ParsedArguments arguments, JsonElement parts)
    {
        var faults = arguments.Faults;
        var before = faults.Count;
        foreach (var part in parts.EnumerateObject())
        {
            if (!PromptParts.Names.Contains(part.Name))
            {
                var near = NearestName.Find(part.Name, PromptParts.Names);
                faults.Add(FieldOf(part.Name), FaultList.Show(part.Value, confidential: true), string.Join('|', PromptParts.Names), near is null ? "leave it out" : $"did you mean {near}?");
            }
            else if (part.Value.ValueKind != JsonValueKind.Null)
            {
                Part.Read(part.Value, FieldOf(part.Name), faults);
            }
        }

        if (!parts.TryGetProperty(Task, out var task) || task.ValueKind == JsonValueKind.Null || (task.ValueKind == JsonValueKind.String && task.ValueEquals("")))
        {
            faults.Add(FieldOf(Task), "absent", $"1..{MostChars} characters", "send what the agent shall do");
        }

        if (faults.Count > before)
        {
            return null;
        }

        var prompt = PromptParts.Join(JsonElement.Parse($$"""{"{{PromptParts.Argument}}":{{parts.GetRawText()}}}""")) ?? "";
        if (prompt.Length > MostChars)
        {
            faults.Add(PromptParts.Argument, string.Create(CultureInfo.InvariantCulture, $"{prompt.Length} characters"), $"{MostChars} characters together, blank lines between them counted", "shorten a part");
            return null;
        }

        return prompt;
    }

    private static string FieldOf(string part) => $"{PromptParts.Argument}.{part}";
}
