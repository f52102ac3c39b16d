using System.Text.Json;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>Arguments of LLM CLI Gateway that are in no schema here, so that its clients read why.</summary>
/// <param name="Ignored">Accepted without effect, with a warning.</param>
/// <param name="Refused">Refused, with what to do instead.</param>
internal sealed record MovedArguments(IReadOnlySet<string> Ignored, IReadOnlyDictionary<string, string> Refused)
{
    /// <summary>No such arguments.</summary>
    public static MovedArguments None { get; } = new(new HashSet<string>(), new Dictionary<string, string>());

    /// <summary>False when the name is simply unknown.</summary>
    public bool Take(string name, JsonElement value, ParsedArguments parsed)
    {
        if (Ignored.Contains(name))
        {
            parsed.Sent.Remove(name);
            parsed.Warnings.Add(new Answers.Warning("argument_ignored", $"{name} has no effect here.", name));
            return true;
        }

        if (!Refused.TryGetValue(name, out var remedy))
        {
            return false;
        }

        // Most of these hold paths or definitions of the caller: the length is enough to find them.
        parsed.Faults.Add(name, FaultList.Show(value, confidential: value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)), "not accepted", remedy);
        return true;
    }
}
