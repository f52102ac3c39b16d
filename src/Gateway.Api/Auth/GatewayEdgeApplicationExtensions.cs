using Gateway.Api.Auth;
using Gateway.Api.Auth.Tokens;
using Gateway.Api.Edge;
using Gateway.Hosting.Health;

#pragma warning disable IDE0130 // Registrations live where hosts look for them (STYLE 16).
namespace Microsoft.AspNetCore.Builder;

/// <summary>The way of a request: cheap checks first, then who it is, then its body.</summary>
public static class GatewayEdgeApplicationExtensions
{
    private const string McpPath = "/mcp";

    /// <summary>Adds the checks that every request passes, in their order.</summary>
    /// <param name="app">The application.</param>
    public static WebApplication UseGatewayEdge(this WebApplication app)
    {
        app.UseMiddleware<SafeAnswers>();
        app.UseForwardedHeaders();
        app.UseHostFiltering();
        app.UseMiddleware<OriginGuard>();
        app.UseWhen(IsMcp, branch => branch.UseMiddleware<HeaderGuard>());
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWhen(IsMcp, branch => branch.UseMiddleware<BodyGuard>());
        return app;
    }

    /// <summary>Maps <c>/mcp</c> for known callers, and <c>/health/live</c>, <c>/health/ready</c> and where tokens come from for everybody.</summary>
    /// <param name="app">The application.</param>
    public static WebApplication MapGatewayMcp(this WebApplication app)
    {
        app.MapMcp(McpPath).RequireAuthorization();
        app.MapResourceMetadata();
        app.MapGatewayHealth();
        return app;
    }

    private static bool IsMcp(HttpContext context) => context.Request.Path.StartsWithSegments(McpPath, StringComparison.OrdinalIgnoreCase);
}
