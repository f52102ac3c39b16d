using System.Text.Json.Nodes;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Responses;

/// <summary>Reads a request of the Responses API. The step is the number of tool results after the last prompt: nothing is remembered.</summary>
internal static class ResponsesRequest
{
    /// <summary>What the CLI itself says in the name of the user.</summary>
    private static readonly string[] NotOfTheUser = ["<environment_context>", "<user_instructions>", "<turn_aborted>", "# AGENTS.md"];

    public static ModelRequest Parse(JsonObject body, long bodyBytes, string? pathScenario)
    {
        var input = body["input"]?.AsArray() ?? [];
        var at = input.Count - 1;
        while (at >= 0 && PromptOf(input[at]).Length == 0)
        {
            at--;
        }

        var prompt = at < 0 ? "" : PromptOf(input[at]);
        var results = input.Skip(at + 1).Where(item => ((string?)item?["type"])?.EndsWith("_output", StringComparison.Ordinal) == true).ToList();
        var directives = Directive.ParseAll(prompt);
        if (directives.Count == 0 && pathScenario is { Length: > 0 })
        {
            directives = Directive.ParseAll($"[[stub:{pathScenario}]]");
        }

        return new ModelRequest(
            (string?)body["model"] ?? "unknown", (bool?)body["stream"] ?? false, prompt, results.Count, (string?)body["prompt_cache_key"] ?? "",
            results.Count == 0 ? "" : OutputOf(results[^1]), bodyBytes, directives)
        {
            Earlier = [.. input.Take(Math.Max(at, 0)).Select(item => SaidIn(item, "user") + SaidIn(item, "assistant")).Where(text => text.Length > 0)],
        };
    }

    private static string PromptOf(JsonNode? item) => SaidIn(item, "user");

    private static string SaidIn(JsonNode? item, string role) => (string?)item?["type"] == "message" && (string?)item["role"] == role
        ? string.Join('\n', TextsOf(item["content"]).Where(text => !NotOfTheUser.Any(own => text.StartsWith(own, StringComparison.Ordinal))))
        : "";

    private static IEnumerable<string> TextsOf(JsonNode? content) => content switch
    {
        JsonValue value => [(string?)value ?? ""],
        JsonArray parts => parts.Select(part => (string?)part?["text"] ?? ""),
        _ => [],
    };

    /// <summary>What the tool printed, without what the CLI tells about its run before that.</summary>
    private static string OutputOf(JsonNode? item)
    {
        const string heading = "Output:\n";
        var text = string.Join('\n', TextsOf(item?["output"]));
        var start = text.IndexOf(heading, StringComparison.Ordinal);
        return (start < 0 ? text : text[(start + heading.Length)..]).TrimEnd('\n');
    }
}
