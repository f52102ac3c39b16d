using System.Text.Json.Serialization.Metadata;

namespace Gateway.Api.Admin;

/// <summary>How the operator's door answers: JSON, and for what could not be done <c>{"error":"…"}</c> in words.</summary>
internal static class AdminReply
{
    public static Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type) => context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    public static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new AdminError(text), AdminJson.Default.AdminError);
    }

    public static Task NoJobAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no job {context.Request.RouteValues["id"]}.");

    public static Task NoLetterAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no dead letter {context.Request.RouteValues["id"]}.");
}
