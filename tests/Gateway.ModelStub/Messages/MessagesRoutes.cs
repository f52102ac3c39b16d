using System.Text.Json.Nodes;
using Gateway.ModelStub.Control;

namespace Gateway.ModelStub.Messages;

/// <summary>The paths of the Messages API, with and without a scenario before them.</summary>
internal static class MessagesRoutes
{
    public static void MapMessages(this IEndpointRouteBuilder app)
    {
        var endpoint = app.ServiceProvider.GetRequiredService<MessagesEndpoint>();
        var log = app.ServiceProvider.GetRequiredService<RequestLog>();
        foreach (var prefix in new[] { "", "/s/{scenario}" })
        {
            app.MapPost(prefix + "/v1/messages", endpoint.AnswerAsync);
            app.MapPost(prefix + "/v1/messages/count_tokens", MessagesEndpoint.CountTokensAsync);
            app.MapGet(prefix + "/v1/models", context => context.Response.WriteAsJsonAsync(new JsonObject
            {
                ["data"] = new JsonArray(new JsonObject { ["type"] = "model", ["id"] = "claude-opus-5-5", ["display_name"] = "stub" }),
                ["has_more"] = false,
            }));
        }

        // HEAD / and GET /api/hello of the interactive CLI, and whatever it learns to ask next: logged, empty, fine.
        app.MapFallback(context =>
        {
            log.Add(context.Request, null, "");
            return Task.CompletedTask;
        });
    }
}
