namespace Gateway.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    public const string Usage = "Usage: build/bench [--only NAME]… [--quick] [--sandbox off|on] [--json FILE] [--set KEY=VALUE]…\n       build/bench --against FOLDER [--quick] [--sandbox off|on] [--json FILE]\n       build/bench --scale-out [--quick] [--only NAME]… [--json FILE] [--set KEY=VALUE]…";

    /// <summary>Names of measures; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Fewer repetitions: shows that everything works, not how fast.</summary>
    public bool Quick { get; init; }

    /// <summary>Another checkout, built, whose gateway is measured by turns with this one; null for none.</summary>
    public string? Against { get; init; }

    /// <summary>Measure API and workers behind a broker instead of the one process.</summary>
    public bool ScaleOut { get; init; }

    /// <summary>Connection string of a superuser of a PostgreSQL server; <c>build/bench</c> gives it.</summary>
    public string? Postgres { get; init; }

    /// <summary>Address of a RabbitMQ broker, with a user who may do everything.</summary>
    public string? RabbitMq { get; init; }

    /// <summary>Address of that broker's management interface.</summary>
    public string? Management { get; init; }

    /// <summary>Sandbox settings to measure with.</summary>
    public IReadOnlyList<bool> Sandboxes { get; init; } = [false, true];

    /// <summary>File for the figures.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Further settings for the gateway.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Null when the command line is wrong.</summary>
    public static BenchOptions? Parse(string[] arguments)
    {
        var options = new BenchOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            var next = (arguments[i], value) switch
            {
                ("--quick", _) => options with { Quick = true },
                ("--scale-out", _) => options with { ScaleOut = true, Sandboxes = [false] },
                ("--against", { } folder) => options with { Against = folder },
                ("--postgres", { } connection) => options with { Postgres = connection },
                ("--rabbitmq", { } address) => options with { RabbitMq = address },
                ("--management", { } address) => options with { Management = address },
                ("--only", { } name) => options with { Only = [.. options.Only, name] },
                ("--json", { } file) => options with { JsonFile = file },
                ("--set", { } setting) => options with { Settings = [.. options.Settings, $"--{setting}"] },
                ("--sandbox", "on" or "off") => options with { Sandboxes = [value == "on"] },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
            i += arguments[i] is "--quick" or "--scale-out" ? 0 : 1;
        }

        return options.ScaleOut && options is not { Postgres: not null, RabbitMq: not null, Management: not null } ? null : options;
    }
}
