using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>
/// What can be refused by headers alone, before any of the body is read: too much of it, and calls of revision
/// 2026-07-28 without the headers that name what they call.
/// </summary>
internal sealed class HeaderGuard(RequestDelegate next, IOptions<EdgeOptions> options)
{
    private const string FirstRevisionWithNames = "2026-07-28";
    private static readonly string[] NamedMethods = ["tools/call", "prompts/get", "resources/read", "tasks/get", "tasks/update", "tasks/cancel"];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > options.Value.MaxRequestBodyBytes)
        {
            return TooLargeAsync(context, options.Value.MaxRequestBodyBytes);
        }

        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.MaxRequestBodyBytes;
        }

        return HttpMethods.IsPost(context.Request.Method) && MissingHeader(context.Request.Headers) is { } missing
            ? Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, $"The header {missing} is missing.", Refusal.HeaderMismatch)
            : next(context);
    }

    public static Task TooLargeAsync(HttpContext context, int limitBytes) =>
        Refusal.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, $"The request is larger than {limitBytes} bytes (setting Edge:MaxRequestBodyBytes).");

    private static string? MissingHeader(IHeaderDictionary headers)
    {
        var revision = headers["MCP-Protocol-Version"].ToString();
        if (string.CompareOrdinal(revision, FirstRevisionWithNames) < 0)
        {
            return null;
        }

        var method = headers["Mcp-Method"].ToString();
        if (method.Length == 0)
        {
            return "Mcp-Method";
        }

        return NamedMethods.Contains(method, StringComparer.Ordinal) && headers["Mcp-Name"].Count == 0 ? "Mcp-Name" : null;
    }
}
