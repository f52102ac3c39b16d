using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;

namespace Gateway.ModelStub.Messages;

/// <summary>Sends one answer as server-sent events, event by event, and breaks off where its fault says.</summary>
internal sealed class StreamedReply(HttpContext context, ModelRequest request, Reply reply, Gates gates, TimeProvider time)
{
    private readonly TimeSpan _pause = request.Pause;

    public async Task SendAsync()
    {
        context.Response.ContentType = "text/event-stream";
        await WriteAsync(new JsonObject { ["type"] = "message_start", ["message"] = MessageJson.Start(request, reply) });
        await WriteAsync(new JsonObject { ["type"] = "ping" });
        for (var i = 0; i < reply.Blocks.Count; i++)
        {
            if (!await SendBlockAsync(i, reply.Blocks[i]))
            {
                return;
            }
        }

        await WriteAsync(new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = reply.StopReason, ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = MessageJson.OutputTokens(reply) },
        });
        await WriteAsync(new JsonObject { ["type"] = "message_stop" });
    }

    /// <summary>False when the fault has ended the stream.</summary>
    private async Task<bool> SendBlockAsync(int index, Block block)
    {
        await WriteAsync(new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = Opening(block) });
        var deltas = Deltas(block).ToList();
        for (var i = 0; i < deltas.Count; i++)
        {
            if (i == deltas.Count / 2 && !await GoOnAsync())
            {
                return false;
            }

            await WriteAsync(new JsonObject { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = deltas[i] });
            if (_pause > TimeSpan.Zero)
            {
                await Task.Delay(_pause, time, context.RequestAborted);
            }
        }

        await WriteAsync(new JsonObject { ["type"] = "content_block_stop", ["index"] = index });
        return true;
    }

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
                await WriteAsync(MessageJson.Error("overloaded_error", "Overloaded", "req_stub"));
                return false;
            default:
                return true;
        }
    }

    private static JsonObject Opening(Block block) => block switch
    {
        Block.Thinking => new JsonObject { ["type"] = "thinking", ["thinking"] = "", ["signature"] = "" },
        Block.ToolUse tool => new JsonObject { ["type"] = "tool_use", ["id"] = MessageJson.ToolId(), ["name"] = tool.Name, ["input"] = new JsonObject() },
        _ => new JsonObject { ["type"] = "text", ["text"] = "" },
    };

    private static IEnumerable<JsonObject> Deltas(Block block)
    {
        switch (block)
        {
            case Block.Text text:
                return Pieces(text.Value).Select(p => new JsonObject { ["type"] = "text_delta", ["text"] = p });
            case Block.Thinking thinking:
                return [.. Pieces(thinking.Value).Select(p => new JsonObject { ["type"] = "thinking_delta", ["thinking"] = p }),
                    new JsonObject { ["type"] = "signature_delta", ["signature"] = "stub" }];
            case Block.ToolUse tool:
                return Pieces(tool.Input.ToJsonString()).Select(p => new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = p });
            default:
                return [];
        }
    }

    /// <summary>Pieces of a few words, larger ones for long texts; never through the middle of a surrogate pair.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        var size = Math.Clamp(text.Length / 500, 12, 4096);
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + size, text.Length);
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            yield return text[start..end];
            start = end;
        }
    }

    private async Task WriteAsync(JsonObject data)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"event: {(string?)data["type"]}\ndata: {data.ToJsonString()}\n\n");
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
