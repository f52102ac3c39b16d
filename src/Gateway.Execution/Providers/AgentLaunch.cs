using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Execution.Workspaces;

namespace Gateway.Execution.Providers;

/// <summary>Everything a provider needs to make a command of a grant.</summary>
public sealed record AgentLaunch
{
    /// <summary>The run.</summary>
    public required RunKey Key { get; init; }

    /// <summary>What the run may do.</summary>
    public required RunGrant Grant { get; init; }

    /// <summary>Go on with a conversation that lies in the configuration directory, instead of beginning one.</summary>
    public required bool Resumes { get; init; }

    /// <summary>The prompt stands in that conversation already: an earlier attempt was cut off while it worked on it.</summary>
    public bool Continues { get; init; }

    /// <summary>Where the run works and lives.</summary>
    public required RunDirectories Directories { get; init; }

    /// <summary>What it logs in with.</summary>
    public required ProviderCredential Credential { get; init; }

    /// <summary>The MCP servers that the run has, and none but these.</summary>
    public IReadOnlyList<McpServer> McpServers { get; init; } = [];

    /// <summary>W3C trace context for the CLI; null when there is none.</summary>
    public string? TraceParent { get; init; }
}
