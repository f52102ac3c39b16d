namespace Gateway.ModelStub.Gemini;

/// <summary>The paths of the Gemini API, with and without a scenario before them.</summary>
internal static class GeminiRoutes
{
    public static void MapGemini(this IEndpointRouteBuilder app)
    {
        var endpoint = app.ServiceProvider.GetRequiredService<GeminiEndpoint>();
        foreach (var prefix in new[] { "", "/s/{scenario}" })
        {
            app.MapPost(prefix + "/v1beta/models/{call}", endpoint.AnswerAsync);
        }
    }
}
