using System.Diagnostics;
using Gateway.Api.Auth;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Edge;

/// <summary>
/// What holds of every answer: no browser keeps it, frames it or guesses what it is; and a fault of ours is told to the log and not to the
/// caller, in a development environment too.
/// </summary>
internal sealed partial class SafeAnswers(RequestDelegate next, ILogger<SafeAnswers> logger)
{
    private const string OneYear = "max-age=31536000";

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state => Protect((HttpContext)state), context);
        try
        {
            await next(context);
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to be told.
        }
        catch (Exception problem)
        {
            // The edge of a request.
            await TellAsync(context, problem);
        }
    }

    private static Task Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        if (!headers.ContainsKey(HeaderNames.CacheControl))
        {
            headers.CacheControl = "no-store";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = OneYear;
        }

        return Task.CompletedTask;
    }

    private async Task TellAsync(HttpContext context, Exception problem)
    {
        var trace = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
        if (problem is BadHttpRequestException bad && !context.Response.HasStarted)
        {
            context.Response.Clear();
            await Refusal.WriteAsync(context, bad.StatusCode, "The request cannot be read, or came too slowly.");
            return;
        }

        LogFailed(trace, problem);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Refusal.WriteAsync(context, StatusCodes.Status500InternalServerError, $"Something went wrong in the gateway. Its log tells what, under {trace}.", Refusal.InternalError);
    }

    [LoggerMessage(EventId = 1641, Level = LogLevel.Error, Message = "A request failed, told to its caller as {Trace}")]
    private partial void LogFailed(string trace, Exception problem);
}
