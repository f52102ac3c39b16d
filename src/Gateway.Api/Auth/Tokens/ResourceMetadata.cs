using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth.Tokens;

/// <summary>Tells clients where to get a token (RFC 9728): the document, and the line of a refusal that leads to it.</summary>
internal static partial class ResourceMetadata
{
    private const string WellKnown = "/.well-known/oauth-protected-resource";
    private const string McpPath = "/mcp";

    /// <summary>Maps the document, where an issuer is configured.</summary>
    public static void MapResourceMetadata(this WebApplication app)
    {
        foreach (var path in (string[])[WellKnown + McpPath, WellKnown])
        {
            app.MapMethods(path, [HttpMethods.Get], WriteAsync).AllowAnonymous();
        }
    }

    /// <summary>What <c>WWW-Authenticate</c> says.</summary>
    /// <param name="context">The call.</param>
    /// <param name="error">The code of RFC 6750; null for a call that proved nothing.</param>
    /// <param name="scope">The scope that is lacking.</param>
    public static string Challenge(HttpContext context, string? error = null, string? scope = null)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<AuthOptions>>().Value;
        string?[] parts =
        [
            "realm=\"gateway\"",
            error is null ? null : $"error=\"{error}\"",
            scope is null ? null : $"scope=\"{scope}\"",
            options.Issuers.Count == 0 ? null : $"resource_metadata=\"{BaseOf(context, options)}{WellKnown}{McpPath}\"",
        ];
        return "Bearer " + string.Join(", ", parts.Where(part => part is not null));
    }

    private static Task WriteAsync(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<AuthOptions>>().Value;
        if (options.Issuers.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var document = new Document(options.Resource ?? BaseOf(context, options) + McpPath, [.. options.Issuers.Select(issuer => issuer.Issuer)], Scopes.All, ["header"], "Gateway");
        return context.Response.WriteAsJsonAsync(document, MetadataJson.Default.Document, "application/json", context.RequestAborted);
    }

    // As the caller wrote it, unless a setting knows better. Host was looked at before: an unknown one comes no further.
    private static string BaseOf(HttpContext context, AuthOptions options) => options.Resource is { } resource
        ? new Uri(resource).GetLeftPart(UriPartial.Authority)
        : $"{context.Request.Scheme}://{context.Request.Host}";

    internal sealed record Document(
        [property: JsonPropertyName("resource")] string Resource,
        [property: JsonPropertyName("authorization_servers")] IReadOnlyList<string> AuthorizationServers,
        [property: JsonPropertyName("scopes_supported")] IReadOnlyList<string> ScopesSupported,
        [property: JsonPropertyName("bearer_methods_supported")] IReadOnlyList<string> BearerMethodsSupported,
        [property: JsonPropertyName("resource_name")] string ResourceName);

    [JsonSerializable(typeof(Document))]
    internal sealed partial class MetadataJson : JsonSerializerContext;
}
