using System.Text.Json.Nodes;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub.Gemini;

/// <summary>The JSON objects of the Gemini API.</summary>
internal static class GeminiAnswer
{
    /// <summary>What the question which model fits is always answered: plain text would have the CLI ask again for a minute.</summary>
    public static Reply Router { get; } = Reply.Say("""{"reasoning":"It is simple.","model_choice":"flash","complexity_reasoning":"It is simple.","complexity_score":1}""");

    /// <summary>The answer as the pieces of a stream; the last one ends it.</summary>
    public static IEnumerable<JsonObject> Pieces(ModelRequest request, Reply reply)
    {
        var parts = reply.Blocks.SelectMany(Parts).ToList();
        return parts.Select((part, i) => Piece(request, reply, [part], last: i == parts.Count - 1)).DefaultIfEmpty(Piece(request, reply, [], last: true));
    }

    public static JsonObject Whole(ModelRequest request, Reply reply) => Piece(request, reply, [.. reply.Blocks.SelectMany(Parts)], last: true);

    public static JsonObject Error(ApiError error)
    {
        var wait = error.RetryAfterSeconds is { } seconds ? $" Please retry in {seconds}s." : "";
        return new JsonObject
        {
            ["error"] = new JsonObject { ["code"] = error.Status, ["message"] = error.Message + wait, ["status"] = Word(error.Status) },
        };
    }

    private static JsonObject Piece(ModelRequest request, Reply reply, JsonArray parts, bool last)
    {
        var candidate = new JsonObject { ["index"] = 0, ["content"] = new JsonObject { ["role"] = "model", ["parts"] = parts } };
        if (last)
        {
            candidate["finishReason"] = reply.StopReason switch { "max_tokens" => "MAX_TOKENS", "refusal" => "SAFETY", _ => "STOP" };
        }

        var (input, output) = (reply.InputTokens ?? request.BodyBytes / 4, MessageJson.OutputTokens(reply));
        return new JsonObject
        {
            ["candidates"] = new JsonArray(candidate),
            ["usageMetadata"] = new JsonObject { ["promptTokenCount"] = input, ["candidatesTokenCount"] = output, ["totalTokenCount"] = input + output },
            ["modelVersion"] = request.Model,
        };
    }

    private static IEnumerable<JsonObject> Parts(Block block) => block switch
    {
        Block.Thinking thinking => [new JsonObject { ["text"] = thinking.Value, ["thought"] = true }],
        Block.ToolUse tool => [new JsonObject { ["functionCall"] = Call(tool) }],
        Block.Text text => Halves(text.Value).Select(piece => new JsonObject { ["text"] = piece }),
        _ => [],
    };

    // Scenarios speak of Claude's tools.
    private static JsonObject Call(Block.ToolUse tool)
    {
        var input = tool.Input.DeepClone().AsObject();
        var name = tool.Name switch { "Bash" => "run_shell_command", "Write" => "write_file", "Read" => "read_file", "Edit" => "replace", var other => other };
        if (name == "replace")
        {
            input["instruction"] = "Change the text.";
        }

        return new JsonObject { ["name"] = name, ["args"] = input };
    }

    private static IEnumerable<string> Halves(string text)
    {
        var middle = text.Length / 2;
        middle += middle > 0 && char.IsHighSurrogate(text[middle - 1]) ? 1 : 0;
        return ((string[])[text[..middle], text[middle..]]).Where(half => half.Length > 0);
    }

    private static string Word(int status) => status switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 or 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
}
