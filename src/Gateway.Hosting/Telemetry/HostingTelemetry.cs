namespace Gateway.Hosting.Telemetry;

/// <summary>What a host listens to when an endpoint is configured. Ours first, then those of the parts we stand on.</summary>
internal static class HostingTelemetry
{
    /// <summary>Every source and meter of ours.</summary>
    public const string Ours = "Gateway.*";

    /// <summary>Source and meter of the bus.</summary>
    public const string Bus = "MassTransit";

    /// <summary>Source and meter of the MCP library.</summary>
    public const string Mcp = "Experimental.ModelContextProtocol";

    /// <summary>Source of the web server.</summary>
    public const string Web = "Microsoft.AspNetCore";

    /// <summary>Meter of the web server.</summary>
    public const string WebMeter = "Microsoft.AspNetCore.Hosting";

    /// <summary>Meter of the runtime: memory, collections, threads.</summary>
    public const string Runtime = "System.Runtime";

    /// <summary>All sources.</summary>
    public static readonly string[] Sources = [Ours, Bus, Mcp, Web];

    /// <summary>All meters.</summary>
    public static readonly string[] Meters = [Ours, Bus, Mcp, WebMeter, Runtime];
}
