using Gateway.Hosting.Operators;

namespace Gateway.Api.Admin;

/// <summary>What an operator can ask: reached through <see cref="AdminSocket"/> alone.</summary>
internal static class AdminRoutes
{
    private const string Path = "/admin";

    /// <summary>Adds what the routes need.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddGatewayAdmin(this IServiceCollection services) => services.AddSingleton<AdminActs>().AddSingleton<AdminJobRoutes>().AddSingleton<AdminHouseRoutes>()
        .AddSingleton<AdminLetterRoutes>().AddSingleton<AdminKeyRoutes>().AddSingleton<AdminApprovalRoutes>().AddSingleton<AdminAuditRoutes>()
        .AddSingleton<AdminPolicyRoutes>();

    /// <summary>Maps the routes, and guards them.</summary>
    /// <param name="app">The application.</param>
    public static void MapGatewayAdmin(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), branch => branch.UseMiddleware<AdminGuard>());
        // Made at the first call: a gateway that nobody asks pays nothing for it.
        Get(app, "/status", c => House(c).StatusAsync(c));
        Get(app, "/jobs", c => Jobs(c).ListAsync(c));
        Get(app, "/jobs/{id}", c => Jobs(c).ShowAsync(c));
        Get(app, "/jobs/{id}/output/{stream}", c => Jobs(c).OutputAsync(c));
        Post(app, "/jobs/{id}/cancel", c => Jobs(c).CancelAsync(c));
        Post(app, "/jobs/{id}/retry", c => Jobs(c).RetryAsync(c));
        Post(app, "/worker/drain", c => AdminReply.RefuseAsync(
            c, StatusCodes.Status409Conflict, "This is a gateway, not a worker. Ask with the data folder of the worker; a gateway that is its own worker is drained by its stop (SIGTERM), with Worker:Drain=Evacuate."));
        Get(app, "/dlq", c => Letters(c).ListAsync(c));
        Get(app, "/dlq/{id}", c => Letters(c).ShowAsync(c));
        Post(app, "/dlq/{id}/redrive", c => Letters(c).RedriveAsync(c));
        Post(app, "/dlq/{id}/park", c => Letters(c).ParkAsync(c));
        Get(app, "/approvals", c => Approvals(c).ListAsync(c));
        Get(app, "/approvals/{id}", c => Approvals(c).ShowAsync(c));
        Post(app, "/approvals/{id}/approve", c => Approvals(c).ApproveAsync(c));
        Post(app, "/approvals/{id}/reject", c => Approvals(c).RejectAsync(c));
        Get(app, "/keys", c => Keys(c).ListAsync(c));
        Post(app, "/keys", c => Keys(c).CreateAsync(c));
        Post(app, "/keys/{id}/revoke", c => Keys(c).RevokeAsync(c));
        Post(app, "/keys/{id}/rotate", c => Keys(c).RotateAsync(c));
        Get(app, "/audit", c => Audit(c).ListAsync(c));
        Get(app, "/audit/verify", c => Audit(c).VerifyAsync(c));
        Get(app, "/policy", c => Policies(c).ShowAsync(c));
        Post(app, "/policy/explain", c => Policies(c).ExplainAsync(c));
    }

    private static AdminJobRoutes Jobs(HttpContext context) => context.RequestServices.GetRequiredService<AdminJobRoutes>();

    private static AdminHouseRoutes House(HttpContext context) => context.RequestServices.GetRequiredService<AdminHouseRoutes>();

    private static AdminLetterRoutes Letters(HttpContext context) => context.RequestServices.GetRequiredService<AdminLetterRoutes>();

    private static AdminKeyRoutes Keys(HttpContext context) => context.RequestServices.GetRequiredService<AdminKeyRoutes>();

    private static AdminApprovalRoutes Approvals(HttpContext context) => context.RequestServices.GetRequiredService<AdminApprovalRoutes>();

    private static AdminAuditRoutes Audit(HttpContext context) => context.RequestServices.GetRequiredService<AdminAuditRoutes>();

    private static AdminPolicyRoutes Policies(HttpContext context) => context.RequestServices.GetRequiredService<AdminPolicyRoutes>();

    private static void Get(WebApplication app, string path, RequestDelegate answer) => app.MapMethods(Path + path, [HttpMethods.Get], answer).AllowAnonymous();

    private static void Post(WebApplication app, string path, RequestDelegate answer) => app.MapMethods(Path + path, [HttpMethods.Post], answer).AllowAnonymous();
}
