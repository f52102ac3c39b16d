using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Hosting.Telemetry;

/// <summary>What a host tells operators: traces, metrics, and the form of its log.</summary>
public static class TelemetryHostExtensions
{
    /// <summary>
    /// Adds OTLP export of traces and metrics when <c>Telemetry:OtlpEndpoint</c> is set, and nothing at all when it is not; and the JSON
    /// form of the log when <c>Logging:Format</c> is <c>json</c>. After the host's own logging was set up.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="role">What the process is: <c>api</c> or <c>worker</c>.</param>
    public static void AddGatewayTelemetry(this IHostApplicationBuilder builder, string role)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart()
            .Validate(options => string.IsNullOrEmpty(options.OtlpEndpoint) || options.HasEndpoint, "Telemetry:OtlpEndpoint must be an absolute http or https address without user and password, such as http://127.0.0.1:4317.");
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        AddLogFormat(builder);
        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
        if (options.HasEndpoint)
        {
            // In a method of its own: without an endpoint not one of the exporter's assemblies is loaded.
            AddExport(builder.Services, options, role);
        }
    }

    private static void AddLogFormat(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LogOptions>().BindConfiguration(LogOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LogOptions>, LogOptionsValidator>();
        if (builder.Configuration.GetSection(LogOptions.Section).Get<LogOptions>() is { IsJson: true })
        {
            builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = JsonLogFormatter.FormatterName);
        }
    }

    private static void AddExport(IServiceCollection services, TelemetryOptions options, string role)
    {
        // The web server's spans carry method, route and status only when told so.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var http = options.OtlpProtocol.Equals("HttpProtobuf", StringComparison.OrdinalIgnoreCase);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                $"gateway-{role}", serviceVersion: typeof(TelemetryHostExtensions).Assembly.GetName().Version?.ToString(3), serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}"))
            .WithMetrics(metrics => metrics
                .AddMeter(HostingTelemetry.Meters)
                .AddOtlpExporter((otlp, reader) =>
                {
                    Point(otlp, options, http ? "/v1/metrics" : "");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.MetricsInterval.TotalMilliseconds;
                }));
        if (options.Traces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(HostingTelemetry.Sources)
                .AddProcessor(new QuietSpans())
                .AddOtlpExporter(otlp => Point(otlp, options, http ? "/v1/traces" : "")));
        }
    }

    private static void Point(OtlpExporterOptions otlp, TelemetryOptions options, string path)
    {
        otlp.Endpoint = new Uri(options.OtlpEndpoint?.TrimEnd('/') + path);
        otlp.Protocol = path.Length > 0 ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
    }
}
