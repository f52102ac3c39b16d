using Gateway.Hosting.Transports.RabbitMq;

namespace Gateway.Hosting.Transports;

/// <summary>What carries messages. Section <c>Transport</c>.</summary>
public sealed class TransportOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Transport";

    /// <summary><c>InMemory</c> (default): one process. <c>RabbitMq</c>: many.</summary>
    public string Kind { get; set; } = nameof(TransportKind.InMemory);

    /// <summary>How the broker is reached; read when <see cref="Kind"/> says so.</summary>
    public RabbitMqOptions RabbitMq { get; } = new();

    /// <summary>The kind as a value; null for an unknown word.</summary>
    /// <param name="kind">A word of <see cref="Kind"/>, in any case of letters.</param>
    public static TransportKind? KindOf(string? kind) =>
        Enum.GetValues<TransportKind>().Where(known => string.Equals(known.ToString(), kind, StringComparison.OrdinalIgnoreCase)).Cast<TransportKind?>().FirstOrDefault();
}
