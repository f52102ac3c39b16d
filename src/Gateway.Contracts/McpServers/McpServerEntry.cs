namespace Gateway.Contracts.McpServers;

/// <summary>
/// One member of the section <c>McpServers</c>: an MCP server that callers know by a name alone. API and workers read the same section,
/// each for itself: the API decides who may name it and needs no more than that, the worker how it is reached.
/// </summary>
public sealed class McpServerEntry
{
    /// <summary>CLIs that may have it. Default: all.</summary>
    public IList<string> Providers { get; init; } = [];

    /// <summary>Tenants to whose callers it is open. Default: all.</summary>
    public IList<string> Tenants { get; init; } = [];

    /// <summary>Its tools change nothing, so that a run which only reads stays one. Default false.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Absolute path of the program that serves over its standard input and output. This or <see cref="Url"/>; no default.</summary>
    public string? Command { get; set; }

    /// <summary>Arguments of <see cref="Command"/>. Any user of the worker's machine can read them. Default none.</summary>
    public IList<string> Args { get; init; } = [];

    /// <summary>Variables of <see cref="Command"/> by name. Default none.</summary>
    public Dictionary<string, string> Environment { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The same, each from the file of mode 0600 whose absolute path is given. Default none.</summary>
    public Dictionary<string, string> EnvironmentFiles { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Absolute paths, beside the folder of <see cref="Command"/>, that it must be able to read in a run walled to its workspace. Default none.</summary>
    public IList<string> Paths { get; init; } = [];

    /// <summary>Address of a server that speaks Streamable HTTP: http or https. This or <see cref="Command"/>; no default.</summary>
    public string? Url { get; set; }

    /// <summary>Headers of each request to <see cref="Url"/> by name. Default none.</summary>
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same, each from the file of mode 0600 whose absolute path is given. Default none.</summary>
    public Dictionary<string, string> HeaderFiles { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether callers of a tenant may name it for a CLI.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="provider">The CLI.</param>
    public bool IsOpenTo(string tenant, string provider) =>
        (Tenants.Count == 0 || Tenants.Contains(tenant, StringComparer.Ordinal)) && (Providers.Count == 0 || Providers.Contains(provider, StringComparer.Ordinal));
}
