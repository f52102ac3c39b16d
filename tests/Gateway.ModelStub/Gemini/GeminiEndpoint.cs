using System.Text;
using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;
using Gateway.ModelStub.Messages;
using Gateway.ModelStub.Scenarios;

namespace Gateway.ModelStub.Gemini;

/// <summary>Answers <c>POST …/models/MODEL:generateContent</c> and its streaming sister as the scenario of its prompt says.</summary>
internal sealed class GeminiEndpoint(StubOptions options, RequestLog log, Gates gates, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var call = ((string)context.Request.RouteValues["call"]!).Split(':', 2);
        if (call is not [var model, "generateContent" or "streamGenerateContent"])
        {
            await context.Response.WriteAsJsonAsync(new JsonObject { ["totalTokens"] = 2500 });
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        var body = JsonNode.Parse(text)!.AsObject();
        var request = GeminiRequest.Parse(body, text.Length, model, call[1] == "streamGenerateContent", context.Request.RouteValues["scenario"] as string);
        log.Add(context.Request, request, text);
        try
        {
            await (GeminiRequest.WantsJson(body) ? SendAsync(context, request, GeminiAnswer.Router) : PlayAsync(context, request));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The CLI went away; there is nobody left to answer.
        }
    }

    private async Task PlayAsync(HttpContext context, ModelRequest request)
    {
        var reply = options.Mark(ScenarioBook.Play(request));
        await gates.PassAllAsync(request, context.RequestAborted);
        switch (reply)
        {
            case { Error: { } error }:
                context.Response.StatusCode = error.Status;
                await context.Response.WriteAsJsonAsync(GeminiAnswer.Error(error), context.RequestAborted);
                break;
            case { Fault: StreamFault.DropBefore }:
                context.Abort();
                break;
            case { Fault: StreamFault.HangBefore }:
                await gates.PassAsync(Guid.NewGuid().ToString("N"), context.RequestAborted);
                break;
            default:
                await SendAsync(context, request, reply);
                break;
        }
    }

    private async Task SendAsync(HttpContext context, ModelRequest request, Reply reply)
    {
        if (!request.Streaming)
        {
            await context.Response.WriteAsJsonAsync(GeminiAnswer.Whole(request, reply), context.RequestAborted);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        var sent = 0;
        foreach (var piece in GeminiAnswer.Pieces(request, reply))
        {
            if (sent++ > 0 && reply.Fault == StreamFault.DropInTheMiddle)
            {
                context.Abort();
                return;
            }

            if (sent > 1 && reply.Fault == StreamFault.HangInTheMiddle)
            {
                await gates.PassAsync(Guid.NewGuid().ToString("N"), context.RequestAborted);
            }

            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {piece.ToJsonString()}\n\n"), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(request.Pause, time, context.RequestAborted);
        }
    }
}
