using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Api.Auth;

/// <summary>Refuses a request in the form in which MCP clients show errors: a JSON-RPC error without an id.</summary>
internal static partial class Refusal
{
    /// <summary>JSON-RPC: the request is not one.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>JSON-RPC: its parameters are wrong.</summary>
    public const int InvalidParams = -32602;

    /// <summary>JSON-RPC: the text is no JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>JSON-RPC: a fault of the server.</summary>
    public const int InternalError = -32603;

    /// <summary>MCP 2026-07-28: headers and body differ, or a header is missing.</summary>
    public const int HeaderMismatch = -32020;

    public static Task WriteAsync(HttpContext context, int status, string message, int code = InvalidRequest)
    {
        context.Response.StatusCode = status;
        var body = new Body(new Error(code, message));
        return context.Response.WriteAsJsonAsync(body, RefusalJson.Default.Body, "application/json", context.RequestAborted);
    }

    internal sealed record Error(int Code, string Message);

    internal sealed record Body(Error Error, string Jsonrpc = "2.0", string? Id = null);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Body))]
    internal sealed partial class RefusalJson : JsonSerializerContext;
}
