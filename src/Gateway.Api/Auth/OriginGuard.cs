using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>
/// Refuses foreign origins with 403. A browser that was lured to a page can reach loopback, and sends along where
/// the page came from; programs send no Origin at all.
/// </summary>
internal sealed class OriginGuard(RequestDelegate next, IOptions<EdgeOptions> options)
{
    private readonly HashSet<string> allowed = new(options.Value.AllowedOrigins.Select(o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var origins = context.Request.Headers.Origin;
        return origins.Count == 0 || (origins.Count == 1 && IsAllowed(origins[0]!))
            ? next(context)
            : Refusal.WriteAsync(context, StatusCodes.Status403Forbidden, "This origin may not call the gateway. The setting Edge:AllowedOrigins names those that may.");
    }

    private bool IsAllowed(string origin) =>
        allowed.Contains(origin)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && (uri.Scheme is "http" or "https")
            && uri.UserInfo.Length == 0
            && LoopbackNames.All.Contains(uri.Host, StringComparer.OrdinalIgnoreCase)
            && origin.Equals(uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
}
