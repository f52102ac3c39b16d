using System.Text.Json.Nodes;

namespace Gateway.ModelStub.Responses;

/// <summary>The paths of the OpenAI Responses API, with and without a scenario before them.</summary>
internal static class ResponsesRoutes
{
    public static void MapResponses(this IEndpointRouteBuilder app)
    {
        var endpoint = app.ServiceProvider.GetRequiredService<ResponsesEndpoint>();
        foreach (var prefix in new[] { "", "/s/{scenario}" })
        {
            app.MapPost(prefix + "/v1/responses", endpoint.AnswerAsync);

            // The CLI's own provider asks for a WebSocket first. Any other refusal of it than this one is tried again for seconds.
            app.MapGet(prefix + "/v1/responses", context =>
            {
                context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
                return context.Response.WriteAsJsonAsync(new JsonObject());
            });
        }
    }
}
