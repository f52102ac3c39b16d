using System.Text;
using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Messages;

/// <summary>Answers <c>POST /v1/messages</c> as the scenario of its prompt says.</summary>
internal sealed class MessagesEndpoint(StubOptions options, RequestLog log, Gates gates, TimeProvider time)
{
    private const string UsageLimit = "usage_limit_reached";

    public async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = ModelRequest.Parse(JsonNode.Parse(body)!.AsObject(), body.Length, context.Request.RouteValues["scenario"] as string);
        log.Add(context.Request, request, body);
        var reply = options.Mark(ScenarioBook.Play(request));
        try
        {
            await gates.PassAllAsync(request, context.RequestAborted);
            await (reply.Error is null ? SendAsync(context, request, reply) : SendErrorAsync(context, reply.Error));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The CLI went away; there is nobody left to answer.
        }
    }

    public static Task CountTokensAsync(HttpContext context) => context.Response.WriteAsJsonAsync(new JsonObject { ["input_tokens"] = 2500 });

    private async Task SendAsync(HttpContext context, ModelRequest request, Reply reply)
    {
        context.Response.Headers["request-id"] = $"req_{Guid.NewGuid():N}";
        if (reply.Fault == StreamFault.DropBefore)
        {
            context.Abort();
            return;
        }

        if (reply.Fault == StreamFault.HangBefore)
        {
            await gates.PassAsync(Guid.NewGuid().ToString("N"), context.RequestAborted);
            return;
        }

        if (request.Streaming)
        {
            await new StreamedReply(context, request, reply, gates, time).SendAsync();
        }
        else
        {
            await context.Response.WriteAsJsonAsync(MessageJson.Whole(request, reply), context.RequestAborted);
        }
    }

    private Task SendErrorAsync(HttpContext context, ApiError error)
    {
        if (error is { Type: UsageLimit, RetryAfterSeconds: { } wait })
        {
            // A subscription's window; an API key has the wait alone.
            var reset = (time.GetUtcNow().ToUnixTimeSeconds() + wait).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["anthropic-ratelimit-unified-status"] = "rejected";
            context.Response.Headers["anthropic-ratelimit-unified-reset"] = reset;
            context.Response.Headers["anthropic-ratelimit-unified-representative-claim"] = "five_hour";
            context.Response.Headers["anthropic-ratelimit-unified-5h-status"] = "rejected";
            context.Response.Headers["anthropic-ratelimit-unified-5h-reset"] = reset;
            error = error with { Type = "rate_limit_error", Message = "This request would exceed your account's rate limit. Please try again later." };
        }

        var requestId = $"req_{Guid.NewGuid():N}";
        context.Response.StatusCode = error.Status;
        context.Response.Headers["request-id"] = requestId;
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return context.Response.WriteAsJsonAsync(MessageJson.Error(error.Type, error.Message, requestId), context.RequestAborted);
    }
}
