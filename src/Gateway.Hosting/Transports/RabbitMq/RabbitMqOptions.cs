namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>How a broker is reached. Section <c>Transport:RabbitMq</c>.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>Host name or address of the broker; for a cluster the name of its balancer. Default <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Port, 1 to 65,535. Default: 5672, with <see cref="Tls"/> 5671.</summary>
    public int? Port { get; set; }

    /// <summary>Virtual host. Default <c>/</c>.</summary>
    public string VirtualHost { get; set; } = "/";

    /// <summary>User; the permissions that each role needs are in <c>docker/rabbitmq</c>. No default.</summary>
    public string Username { get; set; } = "";

    /// <summary>Its password. Better kept in a file: see <see cref="PasswordFile"/>.</summary>
    public string? Password { get; set; }

    /// <summary>Absolute path of a file of mode 0600 that holds the password alone. Either this or <see cref="Password"/>.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Speak TLS 1.2 or newer, and check the broker's certificate. Default false.</summary>
    public bool Tls { get; set; }

    /// <summary>The name that the certificate must have. Default: <see cref="Host"/>.</summary>
    public string? TlsServerName { get; set; }

    /// <summary>Absolute path of a PEM file with the authorities to be trusted instead of the machine's. Default: the machine's.</summary>
    public string? TlsCaFile { get; set; }

    /// <summary>How often both sides show that the connection lives; twice that without a sign and it is made anew. 1 second to 5 minutes, default 10 seconds.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a start may wait for the broker before it fails and says why. 1 second to 10 minutes, default 30 seconds.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The port in use.</summary>
    internal ushort EffectivePort => (ushort)(Port ?? (Tls ? 5671 : 5672));
}
