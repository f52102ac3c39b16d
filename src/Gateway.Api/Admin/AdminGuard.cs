using Gateway.Hosting.Operators;
using Gateway.Hosting.Transports.RabbitMq.DeadLetters;
using Gateway.Jobs;

namespace Gateway.Api.Admin;

/// <summary>
/// Lets operators' calls through from the socket alone, and writes each of them into the log with who made it. From the network
/// <c>/admin</c> is a page that does not exist.
/// </summary>
internal sealed partial class AdminGuard(RequestDelegate next, ILogger<AdminGuard> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (AdminSocket.PeerOf(context) is not { } user)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var act = $"{context.Request.Method} {context.Request.Path}";
        try
        {
            await next(context);
        }
        catch (StoreUnavailableException)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The store cannot be reached.");
        }
        catch (BrokerUnavailableException problem)
        {
            await AdminReply.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"The broker could not do it: {problem.InnerException?.Message}");
        }
        finally
        {
            LogAct(user, act, context.Response.StatusCode);
        }
    }

    [LoggerMessage(EventId = 1501, Level = LogLevel.Information, Message = "Operator with user id {UserId} asked {Act}; the answer was {StatusCode}")]
    private partial void LogAct(int userId, string act, int statusCode);
}
