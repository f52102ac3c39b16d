using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Gemini;

/// <summary>Reads a request of the Gemini API as the same parts that scenarios look at in one of the Messages API.</summary>
internal static partial class GeminiRequest
{
    private const string FilesFollow = "--- Content from referenced files ---";

    /// <summary>Whether JSON is asked for: the CLI's own questions, such as which model fits, which every scenario leaves alone.</summary>
    public static bool WantsJson(JsonObject body) => (string?)body["generationConfig"]?["responseMimeType"] == "application/json";

    public static ModelRequest Parse(JsonObject body, long bodyBytes, string model, bool streaming, string? pathScenario)
    {
        var contents = body["contents"]?.AsArray() ?? [];
        var prompt = "";
        var step = 0;
        var at = contents.Count;
        while (at > 0 && prompt.Length == 0)
        {
            at--;
            if ((string?)contents[at]?["role"] == "model")
            {
                step++;
            }
            else
            {
                prompt = PromptOf(contents[at]);
            }
        }

        var directives = Directive.ParseAll(prompt);
        if (directives.Count == 0 && pathScenario is { Length: > 0 })
        {
            directives = Directive.ParseAll($"[[stub:{pathScenario}]]");
        }

        // The API has no name for a conversation: a prompt is one, as far as counting its requests goes.
        return new ModelRequest(model, streaming, prompt, step, "", ToolResultOf(contents), bodyBytes, directives)
        {
            Earlier = [.. contents.Take(at).Select(PromptOf).Where(text => text.Length > 0)],
        };
    }

    /// <summary>
    /// Text of a user's content, without tool results and without what the CLI adds for itself. A prompt that was never
    /// answered stands before the next one in the same content, files that a prompt names behind it.
    /// </summary>
    private static string PromptOf(JsonNode? content) => Parts(content).Select(p => (string?)p?["text"] ?? "")
        .TakeWhile(t => !t.Contains(FilesFollow, StringComparison.Ordinal))
        .Select(t => Context().Replace(t, "").Trim()).LastOrDefault(t => t.Length > 0) ?? "";

    private static string ToolResultOf(JsonArray contents) => string.Join('\n', Parts(contents.LastOrDefault())
        .Select(p => p?["functionResponse"]?["response"]).OfType<JsonObject>()
        .Select(r => (string?)(r["output"] ?? r["error"]) ?? r.ToJsonString()));

    private static IEnumerable<JsonNode?> Parts(JsonNode? content) => content?["parts"] as IEnumerable<JsonNode?> ?? [];

    [GeneratedRegex("<session_context>.*?</session_context>", RegexOptions.Singleline)]
    private static partial Regex Context();
}
