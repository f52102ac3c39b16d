using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Messages;

/// <summary>The parts of a Messages API request that scenarios look at. The step is counted, not remembered, so retries and resumes behave.</summary>
internal sealed partial record ModelRequest(
    string Model, bool Streaming, string Prompt, int Step, string SessionId, string LastToolResult, long BodyBytes, IReadOnlyList<Directive> Directives)
{
    /// <summary>What was said before the prompt, by the user and by the model, oldest first.</summary>
    public IReadOnlyList<string> Earlier { get; init; } = [];

    /// <summary>Time after each piece of an answer, by <c>slow</c>.</summary>
    public TimeSpan Pause => TimeSpan.FromMilliseconds(Directives.FirstOrDefault(d => d.Name == "slow") is { } slow ? slow.Number(0, 100) : 0);

    public static ModelRequest Parse(JsonObject body, long bodyBytes, string? pathScenario)
    {
        var messages = body["messages"]?.AsArray() ?? [];
        var prompt = "";
        var step = 0;
        var at = messages.Count - 1;
        for (; at >= 0; at--)
        {
            if ((string?)messages[at]?["role"] == "assistant")
            {
                step++;
            }
            else if (IsUser(messages[at]) && PromptOf(messages[at]?["content"]) is { Length: > 0 } text)
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

        return new ModelRequest((string?)body["model"] ?? "unknown", (bool?)body["stream"] ?? false, prompt, step, SessionOf(body), ToolResultsOf(messages), bodyBytes, directives)
        {
            Earlier = [.. messages.Take(at + 1).Where(m => (string?)m?["role"] is "user" or "assistant").SelectMany(m => PromptsOf(m?["content"])).SkipLast(at < 0 ? 0 : 1)],
        };
    }

    /// <summary>Text of a user message, without tool results and without what the CLI adds for itself. A prompt that was never answered stands before the next one in the same message.</summary>
    private static string PromptOf(JsonNode? content) => PromptsOf(content).LastOrDefault() ?? "";

    private static IEnumerable<string> PromptsOf(JsonNode? content) => Texts(content, "text").Select(t => Reminder().Replace(t, "").Trim()).Where(t => t.Length > 0);

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
