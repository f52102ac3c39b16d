using Gateway.Contracts.Values;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>The log of a host names no key, whoever's words it repeats.</summary>
[Collection(nameof(ConsoleLogSpecs))]
[CollectionDefinition(nameof(ConsoleLogSpecs), DisableParallelization = true)]
public sealed class ConsoleLogSpecs
{
    private const string Key = "sk-ant-api03-0123456789abcdef";

    [Theory]
    [InlineData(ConsoleFormatterNames.Simple)]
    [InlineData(JsonLogFormatter.FormatterName)]
    public void A_key_in_a_message_or_an_exception_is_blotted_out_and_the_words_around_it_stay(string formatter)
    {
        var written = Written(formatter, log => log.LogWarning(new InvalidOperationException("outer", new IOException($"refused {Key}.")), "The header was {Header}", $"Bearer {Key} of alice"));

        Assert.DoesNotContain(Key, written, StringComparison.Ordinal);
        Assert.Contains("The header was Bearer [redacted] of alice", written, StringComparison.Ordinal);
        Assert.Contains("refused [redacted]", written, StringComparison.Ordinal);
        Assert.Contains("outer", written, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_without_a_key_is_written_with_its_stack()
    {
        var written = Written(ConsoleFormatterNames.Simple, log =>
        {
            try
            {
                throw new InvalidOperationException("plain");
            }
            catch (InvalidOperationException problem)
            {
                log.LogError(problem, "It failed");
            }
        });

        Assert.Contains("It failed", written, StringComparison.Ordinal);
        Assert.Contains($"at {typeof(ConsoleLogSpecs)}", written, StringComparison.Ordinal);
    }

    // The console writes on a thread of its own, and all of it when it is disposed.
    private static string Written(string formatter, Action<ILogger> log)
    {
        var before = Console.Error;
        using var text = new StringWriter();
        Console.SetError(text);
        try
        {
            var services = new ServiceCollection().AddSingleton(TimeProvider.System);
            services.AddLogging(logging =>
            {
                logging.AddGatewayConsole(KeyShapes.Without);
                logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
            });
            services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = formatter);
            using var provider = services.BuildServiceProvider();
            log(provider.GetRequiredService<ILoggerFactory>().CreateLogger("Gateway.Any"));
        }
        finally
        {
            Console.SetError(before);
        }

        return text.ToString();
    }
}
