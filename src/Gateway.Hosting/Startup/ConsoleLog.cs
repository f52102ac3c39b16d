using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting.Startup;

/// <summary>How a host of ours logs: one line an entry on standard error.</summary>
public static class ConsoleLog
{
    // At its lowest level this library writes whole messages: prompts, arguments and answers.
    private const string Talkative = "ModelContextProtocol";

    private static volatile bool started;
    private static volatile IHostApplicationLifetime? host;

    /// <summary>The gateway's own words in full, those of its parts from warnings on.</summary>
    /// <param name="logging">The host's logging.</param>
    /// <param name="withoutKeys">Replaces keys in what is about to be written.</param>
    public static void AddGatewayConsole(this ILoggingBuilder logging, Func<string, string> withoutKeys)
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
        logging.Services.RemoveAll<ILoggerProvider>();
        logging.Services.AddSingleton<ConsoleLoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(services => new KeylessConsole(services.GetRequiredService<ConsoleLoggerProvider>(), withoutKeys));
        logging.AddFilter(null, LogLevel.Warning);
        logging.AddFilter("Gateway", LogLevel.Information);

        // What goes wrong before the host has started is told in words by StartFaults; the same as a stack would bury them.
        foreach (var told in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel", "MassTransit"])
        {
            logging.AddFilter(told, level => started && level >= LogLevel.Warning);
        }

        // A stop gives back what waits; MassTransit has no other word for that than an error with a stack for each. Who waits says so itself.
        logging.AddFilter("MassTransit.ReceiveTransport", level => started && level >= LogLevel.Warning && host?.ApplicationStopping.IsCancellationRequested != true);
        logging.Services.PostConfigure<LoggerFilterOptions>(NeverWholeMessages);
    }

    /// <summary>From its start on everything is logged as it comes; from its stop on not what the bus says of messages that it gives back.</summary>
    /// <param name="lifetime">The host's.</param>
    public static void Follow(IHostApplicationLifetime lifetime)
    {
        host = lifetime;
        lifetime.ApplicationStarted.Register(() => started = true);
    }

    // No setting of a level, however exact its category, may bring a prompt into the log.
    private static void NeverWholeMessages(LoggerFilterOptions options)
    {
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                (level > LogLevel.Trace || category?.StartsWith(Talkative, StringComparison.Ordinal) != true) && rule.Filter?.Invoke(provider, category, level) != false);
        }
    }
}
