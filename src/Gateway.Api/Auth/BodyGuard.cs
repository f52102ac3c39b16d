using System.Buffers;
using System.Text.Unicode;
using Gateway.Api.Auth.Tokens;
using Gateway.Api.Policies;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>
/// Reads the body once, and refuses what a lenient reader would change in silence: invalid UTF-8, half characters,
/// members that occur twice, endless depth. Knows then which tool is called, and answers 403 when its scope is lacking.
/// </summary>
internal sealed class BodyGuard(RequestDelegate next, IOptions<EdgeOptions> options, ToolScopes scopes)
{
    private const int FirstBufferBytes = 16 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.User.Identity?.IsAuthenticated != true)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var limit = options.Value.MaxRequestBodyBytes;
        var buffer = ArrayPool<byte>.Shared.Rent((int)(context.Request.ContentLength ?? FirstBufferBytes) + 1);
        try
        {
            var length = 0;
            while (await ReadSomeAsync(context, buffer.AsMemory(length)).ConfigureAwait(false) is var read and not 0)
            {
                length += read;
                if (read < 0 || length > limit)
                {
                    await HeaderGuard.TooLargeAsync(context, limit).ConfigureAwait(false);
                    return;
                }

                buffer = length < buffer.Length ? buffer : Grow(buffer);
            }

            await ServeAsync(context, buffer, length).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ServeAsync(HttpContext context, byte[] buffer, int length)
    {
        var message = Inspect(buffer.AsSpan(0, length));
        if (message.Fault is not null)
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, message.Fault, message.Code).ConfigureAwait(false);
            return;
        }

        if (message.Tool is not null && scopes.Find(message.Tool) is { } scope && !Identity.Of(context.User).Has(scope))
        {
            context.Response.Headers.WWWAuthenticate = ResourceMetadata.Challenge(context, "insufficient_scope", scope);
            await Refusal.WriteAsync(context, StatusCodes.Status403Forbidden, $"{message.Tool} needs the scope {scope}, which this credential does not carry.").ConfigureAwait(false);
            return;
        }

        if (message.IsNotifiedCall)
        {
            await NotifiedCall.DropAsync(context, message.Tool).ConfigureAwait(false);
            return;
        }

        using var body = new MemoryStream(buffer, 0, length, writable: false);
        context.Request.Body = body;
        await next(context).ConfigureAwait(false);
    }

    private JsonMessage Inspect(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) ? JsonMessage.Read(body, options.Value.MaxJsonDepth) : JsonMessage.Wrong(Refusal.ParseError, "The body is not UTF-8.");

    /// <summary>Bytes read, 0 at the end, -1 when the server's own limit was met.</summary>
    private static async Task<int> ReadSomeAsync(HttpContext context, Memory<byte> buffer)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return -1;
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
