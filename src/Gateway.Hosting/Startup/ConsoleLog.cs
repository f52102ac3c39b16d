using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting.Startup;

/// <summary>How a host of ours logs: one line an entry on standard error.</summary>
public static class ConsoleLog
{
    private static volatile bool started;

    /// <summary>The gateway's own words in full, those of its parts from warnings on.</summary>
    /// <param name="logging">The host's logging.</param>
    public static void AddGatewayConsole(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddFilter(null, LogLevel.Warning);
        logging.AddFilter("Gateway", LogLevel.Information);

        // What goes wrong before the host has started is told in words by StartFaults; the same as a stack would bury them.
        foreach (var told in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel", "MassTransit"])
        {
            logging.AddFilter(told, level => started && level >= LogLevel.Warning);
        }
    }

    /// <summary>From now on everything is logged as it comes.</summary>
    public static void HasStarted() => started = true;
}
