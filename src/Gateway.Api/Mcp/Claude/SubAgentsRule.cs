using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Starters;
using Gateway.Policies.Documents;

namespace Gateway.Api.Mcp.Claude;

/// <summary>
/// Checks <c>agents</c>: names, and in each the members that the CLI knows. The CLI would tell of a wrong one only after the job
/// had waited for a worker, and passes over members that it does not know.
/// </summary>
internal static partial class SubAgentsRule
{
    private const string Field = "agents";
    private const int MostAgents = 20;
    private const int MostTools = 128;
    private static readonly string[] Members = ["description", "prompt", "tools", "model"];
    private static readonly TextSpec Text = new("text", 1, StarterArguments.MostElementBytes) { Confidential = true };
    private static readonly ListSpec ToolNames = new("tools", MostTools, new TextSpec("name", 1, 256) { Pattern = "^[A-Za-z][A-Za-z0-9_.*-]*$", PatternWords = "like Read or mcp__server__tool" });
    private static readonly TextSpec Model = new("model", 1, 128) { Pattern = $"^{StarterArguments.ModelName}$", PatternWords = "of A-Za-z0-9._:/@[]-, first a letter or digit" };

    /// <summary>The sub-agents as JSON text, or null when none were sent or something is wrong.</summary>
    public static string? Check(ParsedArguments arguments)
    {
        if (arguments.Json(Field) is not { } agents)
        {
            return null;
        }

        var faults = arguments.Faults;
        var before = faults.Count;
        foreach (var (index, agent) in agents.EnumerateObject().Index())
        {
            if (index == MostAgents)
            {
                faults.Add(Field, string.Create(CultureInfo.InvariantCulture, $"{agents.GetPropertyCount()} agents"), $"at most {MostAgents} agents", "leave some out");
                break;
            }

            CheckAgent(agent, faults);
        }

        var text = ToCompact(agents);
        if (faults.Count == before && Encoding.UTF8.GetByteCount(text) is var bytes && bytes > StarterArguments.MostElementBytes)
        {
            faults.Add(Field, string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"), $"{StarterArguments.MostElementBytes} bytes as JSON", "shorten the prompts");
        }

        return faults.Count == before ? text : null;
    }

    private static void CheckAgent(JsonProperty agent, FaultList faults)
    {
        var place = $"{Field}.{agent.Name}";
        if (!Name().IsMatch(agent.Name))
        {
            faults.Add(place, agent.Name, "a name of a-z0-9-, 1..64 characters, first a letter", "rename it");
        }
        else if (agent.Value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(place, FaultList.Show(agent.Value, confidential: true), "an object {description, prompt, tools?, model?}", "send a JSON object");
        }
        else
        {
            CheckMembers(agent.Value, place, faults);
        }
    }

    private static void CheckMembers(JsonElement agent, string place, FaultList faults)
    {
        foreach (var member in agent.EnumerateObject())
        {
            var field = $"{place}.{member.Name}";
            if (Array.IndexOf(Members, member.Name) < 0)
            {
                var near = NearestName.Find(member.Name, Members);
                faults.Add(field, FaultList.Show(member.Value, confidential: true), string.Join('|', Members), near is null ? "leave it out" : $"did you mean {near}?");
                continue;
            }

            ArgumentSpec spec = member.Name switch { "tools" => ToolNames, "model" => Model, _ => Text };
            spec.Read(member.Value, field, faults);
        }

        foreach (var name in Members[..2].Where(name => !agent.TryGetProperty(name, out _)))
        {
            faults.Add($"{place}.{name}", "absent", "a text", "send it: it is required");
        }
    }

    private static string ToCompact(JsonElement agents)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            agents.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,63}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
