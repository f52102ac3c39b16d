using System.Text;
using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub.Responses;

/// <summary>Sends one answer of the Responses API as server-sent events, and breaks off where its fault says.</summary>
internal sealed class StreamedResponse(HttpContext context, ModelRequest request, Reply reply, Gates gates, TimeProvider time)
{
    private const int PieceCharacters = 4096;

    private readonly string _id = $"resp_{Guid.NewGuid():N}";

    public async Task SendAsync()
    {
        context.Response.ContentType = "text/event-stream";
        await WriteAsync("response.created", new JsonObject { ["response"] = Response("in_progress") });
        for (var i = 0; i < reply.Blocks.Count; i++)
        {
            if (i == reply.Blocks.Count / 2 && !await GoOnAsync())
            {
                return;
            }

            await SendItemAsync(i, reply.Blocks[i]);
        }

        await (reply.StopReason switch
        {
            "max_tokens" => WriteAsync("response.incomplete", new JsonObject { ["response"] = Incomplete("max_output_tokens") }),
            "refusal" => WriteAsync("response.incomplete", new JsonObject { ["response"] = Incomplete("content_filter") }),
            _ => WriteAsync("response.completed", new JsonObject { ["response"] = Completed() }),
        });
    }

    private async Task SendItemAsync(int index, Block block)
    {
        await WriteAsync("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = Item(index, block, whole: false) });
        if (block is Block.Text text)
        {
            foreach (var piece in Pieces(text.Value))
            {
                await WriteAsync("response.output_text.delta", new JsonObject { ["item_id"] = ItemId, ["output_index"] = index, ["content_index"] = 0, ["delta"] = piece });
                if (request.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(request.Pause, time, context.RequestAborted);
                }
            }
        }

        await WriteAsync("response.output_item.done", new JsonObject { ["output_index"] = index, ["item"] = Item(index, block, whole: true) });
    }

    private string ItemId => $"item_{_id}";

    private async Task<bool> GoOnAsync()
    {
        switch (reply.Fault)
        {
            case StreamFault.DropInTheMiddle:
                context.Abort();
                return false;
            case StreamFault.HangInTheMiddle:
                await gates.PassAsync(Guid.NewGuid().ToString("N"), context.RequestAborted);
                return false;
            case StreamFault.ErrorEvent:
                var failed = Response("failed");
                failed["error"] = new JsonObject { ["code"] = "server_error", ["message"] = "Overloaded" };
                await WriteAsync("response.failed", new JsonObject { ["response"] = failed });
                return false;
            default:
                return true;
        }
    }

    private JsonObject Item(int index, Block block, bool whole) => block switch
    {
        Block.Thinking thinking => new JsonObject
        {
            ["type"] = "reasoning",
            ["id"] = ItemId,
            ["summary"] = whole ? new JsonArray(new JsonObject { ["type"] = "summary_text", ["text"] = thinking.Value }) : new JsonArray(),
            ["encrypted_content"] = "stub",
        },
        Block.ToolUse tool when tool.Name.StartsWith("mcp__", StringComparison.Ordinal) => OfServer(Call(index, tool)),
        Block.ToolUse tool => Call(index, tool),
        Block.Text text => new JsonObject
        {
            ["type"] = "message",
            ["id"] = ItemId,
            ["role"] = "assistant",
            ["status"] = whole ? "completed" : "in_progress",
            ["content"] = whole ? new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text.Value, ["annotations"] = new JsonArray() }) : new JsonArray(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(block)),
    };

    private JsonObject Call(int index, Block.ToolUse tool) => new()
    {
        ["type"] = "function_call",
        ["id"] = ItemId,
        ["call_id"] = $"call_{request.Step}_{index}",
        ["name"] = tool.Name,
        ["arguments"] = tool.Input.ToJsonString(),
        ["status"] = "completed",
    };

    // Codex looks for the tools of an MCP server below the server's name.
    private static JsonObject OfServer(JsonObject call)
    {
        var name = (string)call["name"]!;
        var end = name.LastIndexOf("__", StringComparison.Ordinal);
        (call["namespace"], call["name"]) = (name[..end], name[(end + 2)..]);
        return call;
    }

    private JsonObject Response(string status) => new() { ["id"] = _id, ["object"] = "response", ["status"] = status, ["model"] = request.Model };

    private JsonObject Incomplete(string reason)
    {
        var response = Response("incomplete");
        response["incomplete_details"] = new JsonObject { ["reason"] = reason };
        return response;
    }

    private JsonObject Completed()
    {
        var (input, output) = (reply.InputTokens ?? request.BodyBytes / 4, MessageJson.OutputTokens(reply));
        var response = Response("completed");
        response["usage"] = new JsonObject
        {
            ["input_tokens"] = input,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = output,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = input + output,
        };
        return response;
    }

    /// <summary>Never through the middle of a surrogate pair.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + PieceCharacters, text.Length);
            end += end < text.Length && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
            yield return text[start..end];
            start = end;
        }
    }

    private async Task WriteAsync(string type, JsonObject data)
    {
        data["type"] = type;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {type}\ndata: {data.ToJsonString()}\n\n"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
