namespace Gateway.Api.Mcp.Tools;

/// <summary>What only the composition of a host knows and the health tool tells.</summary>
public sealed class GatewayMcpOptions
{
    /// <summary>Kind of transport, such as <c>in-memory</c> or <c>rabbitmq</c>.</summary>
    public string BrokerKind { get; set; } = "in-memory";

    /// <summary>Whether the bus is connected now.</summary>
    public Func<bool> BrokerConnected { get; set; } = () => true;

    /// <summary>How the processes of a run are kept together, <c>bubblewrap</c>, <c>unshare</c> or <c>sweep</c>; null when unknown.</summary>
    public Func<string?> Isolation { get; set; } = () => null;

    /// <summary>How much one run may take on the worker in this process, by the names of its settings; null where there is none.</summary>
    public IReadOnlyDictionary<string, string>? RunLimits { get; set; }

    /// <summary>Days that the output of a final job is kept; null: for ever.</summary>
    public int? RetentionDays { get; set; }

    /// <summary>Window of content dedup; zero: off.</summary>
    public TimeSpan DedupWindow { get; set; }
}
