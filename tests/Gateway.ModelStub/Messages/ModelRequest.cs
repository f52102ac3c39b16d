using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Messages;

/// <summary>The parts of a Messages API request that scenarios look at. The step is counted, not remembered, so retries and resumes behave.</summary>
internal sealed partial record ModelRequest(
    string Model, bool Streaming, string Prompt, int Step, string SessionId, string LastToolResult, long BodyBytes, IReadOnlyList<Directive> Directives)
{
    /// <summary>Time after each piece of an answer, by <c>slow</c>.</summary>
    public TimeSpan Pause => TimeSpan.FromMilliseconds(Directives.FirstOrDefault(d => d.Name == "slow") is { } slow ? slow.Number(0, 100) : 0);

    public static ModelRequest Parse(JsonObject body, long bodyBytes, string? pathScenario)
    {
        var messages = body["messages"]?.AsArray() ?? [];
        var prompt = "";
        var step = 0;
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            if ((string?)messages[i]?["role"] == "assistant")
            {
                step++;
            }
            else if (IsUser(messages[i]) && PromptOf(messages[i]?["content"]) is { Length: > 0 } text)
            {
                prompt = text;
                break;
            }
        }

        var directives = Directive.ParseAll(prompt);
        if (directives.Count == 0 && pathScenario is { Length: > 0 })
        {
            directives = Directive.ParseAll($"[[stub:{pathScenario}]]");
        }

        return new ModelRequest((string?)body["model"] ?? "unknown", (bool?)body["stream"] ?? false, prompt, step, SessionOf(body), ToolResultsOf(messages), bodyBytes, directives);
    }

    /// <summary>Text of a user message, without tool results and without what the CLI adds for itself.</summary>
    private static string PromptOf(JsonNode? content) => string.Join('\n', Texts(content, "text").Select(t => Reminder().Replace(t, "").Trim()).Where(t => t.Length > 0));

    private static string ToolResultsOf(JsonArray messages) =>
        messages.LastOrDefault(IsUser)?["content"] is JsonArray blocks
            ? string.Join('\n', blocks.Where(b => (string?)b?["type"] == "tool_result").SelectMany(b => Texts(b?["content"], "text")))
            : "";

    /// <summary>The CLI also puts messages of the role "system" between the others.</summary>
    private static bool IsUser(JsonNode? message) => (string?)message?["role"] == "user";

    private static IEnumerable<string> Texts(JsonNode? content, string type) => content switch
    {
        JsonValue value => [(string?)value ?? ""],
        JsonArray blocks => blocks.Where(b => (string?)b?["type"] == type).Select(b => (string?)b?[type] ?? ""),
        _ => [],
    };

    private static string SessionOf(JsonObject body)
    {
        var userId = (string?)body["metadata"]?["user_id"] ?? "";
        return userId.StartsWith('{') ? (string?)JsonNode.Parse(userId)?["session_id"] ?? "" : userId;
    }

    [GeneratedRegex("<system-reminder>.*?</system-reminder>", RegexOptions.Singleline)]
    private static partial Regex Reminder();
}
