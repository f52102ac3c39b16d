namespace Gateway.ModelStub.Control;

/// <summary>What tests ask the stub itself: its request log and its gates.</summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var requests = app.ServiceProvider.GetRequiredService<RequestLog>();
        var gates = app.ServiceProvider.GetRequiredService<Gates>();
        app.MapGet("/_stub/requests", context => context.Response.WriteAsJsonAsync(requests.Read()));
        app.MapDelete("/_stub/requests", context =>
        {
            requests.Clear();
            return Done(context);
        });
        app.MapPost("/_stub/release/{name}", context =>
        {
            gates.Open(Name(context));
            return Done(context);
        });
        app.MapGet("/_stub/reached/{name}", async context =>
        {
            await gates.WaitUntilReachedAsync(Name(context), context.RequestAborted);
            await Done(context);
        });
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static Task Done(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
