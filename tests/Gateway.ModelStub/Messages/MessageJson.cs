using System.Text.Json.Nodes;

namespace Gateway.ModelStub.Messages;

/// <summary>The JSON objects of the Messages API.</summary>
internal static class MessageJson
{
    public static JsonObject Error(string type, string message, string requestId) => new()
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = type, ["message"] = message },
        ["request_id"] = requestId,
    };

    public static JsonObject Start(ModelRequest request, Reply reply) => new()
    {
        ["id"] = $"msg_{Guid.NewGuid():N}",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = request.Model,
        ["content"] = new JsonArray(),
        ["stop_reason"] = null,
        ["stop_sequence"] = null,
        ["usage"] = Usage(request, reply, outputTokens: 1),
    };

    public static JsonObject Whole(ModelRequest request, Reply reply)
    {
        var message = Start(request, reply);
        message["content"] = new JsonArray([.. reply.Blocks.Select(WholeBlock)]);
        message["stop_reason"] = reply.StopReason;
        message["usage"] = Usage(request, reply, OutputTokens(reply));
        return message;
    }

    public static long OutputTokens(Reply reply) => reply.OutputTokens ?? Math.Max(1, reply.Blocks.Sum(Length) / 4);

    private static JsonObject Usage(ModelRequest request, Reply reply, long outputTokens) => new()
    {
        ["input_tokens"] = reply.InputTokens ?? request.BodyBytes / 4,
        ["cache_creation_input_tokens"] = 0,
        ["cache_read_input_tokens"] = 0,
        ["output_tokens"] = outputTokens,
        ["service_tier"] = "standard",
    };

    private static JsonNode WholeBlock(Block block) => block switch
    {
        Block.Thinking thinking => new JsonObject { ["type"] = "thinking", ["thinking"] = thinking.Value, ["signature"] = "stub" },
        Block.ToolUse tool => new JsonObject { ["type"] = "tool_use", ["id"] = ToolId(), ["name"] = tool.Name, ["input"] = tool.Input.DeepClone() },
        Block.Text text => new JsonObject { ["type"] = "text", ["text"] = text.Value },
        _ => throw new ArgumentOutOfRangeException(nameof(block)),
    };

    public static string ToolId() => $"toolu_{Guid.NewGuid():N}";

    private static long Length(Block block) => block switch
    {
        Block.Thinking thinking => thinking.Value.Length,
        Block.Text text => text.Value.Length,
        Block.ToolUse tool => tool.Input.ToJsonString().Length,
        _ => 0,
    };
}
