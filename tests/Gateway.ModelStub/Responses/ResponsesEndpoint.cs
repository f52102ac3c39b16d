using System.Text;
using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Responses;

/// <summary>Answers <c>POST /v1/responses</c> as the scenario of its prompt says.</summary>
internal sealed class ResponsesEndpoint(StubOptions options, RequestLog log, Gates gates, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = ResponsesRequest.Parse(JsonNode.Parse(body)!.AsObject(), body.Length, context.Request.RouteValues["scenario"] as string);
        log.Add(context.Request, request, body);
        var reply = options.Mark(CodexTools.Translate(ScenarioBook.Play(request)));
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

    private async Task SendAsync(HttpContext context, ModelRequest request, Reply reply)
    {
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

        await new StreamedResponse(context, request, reply, gates, time).SendAsync();
    }

    /// <summary>An error in the words of this API, which repeat the key where the real one does.</summary>
    private Task SendErrorAsync(HttpContext context, ApiError error)
    {
        var key = context.Request.Headers.Authorization.ToString().Split(' ', 2)[^1];
        var (status, type, code, message) = (error.Status, error.Type) switch
        {
            (401, _) => (401, "invalid_request_error", "invalid_api_key", $"Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com/account/api-keys."),
            (404, _) => (404, "invalid_request_error", "model_not_found", "The model `stub` does not exist or you do not have access to it."),
            (400, _) when error.Message.StartsWith("prompt is too long", StringComparison.Ordinal) => (400, "invalid_request_error", "context_length_exceeded", "Your input exceeds the context window of this model."),
            (400, _) when error.Message.StartsWith("Your credit", StringComparison.Ordinal) => (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
            (429, "usage_limit_reached") => (429, "usage_limit_reached", null, "The usage limit has been reached"),
            (529, _) => (503, "server_error", "server_is_overloaded", "The server is overloaded."),
            var (other, kind) => (other, kind, (string?)null, error.Message),
        };
        var told = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code };
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            told["plan_type"] = "pro";
            told["resets_at"] = time.GetUtcNow().ToUnixTimeSeconds() + seconds;
        }

        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new JsonObject { ["error"] = told }, context.RequestAborted);
    }
}
