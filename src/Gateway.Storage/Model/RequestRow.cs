using Gateway.Jobs.Admission;

namespace Gateway.Storage.Model;

/// <summary>What a job was asked for, apart from the job's own row: it is large and read once per attempt.</summary>
public sealed class RequestRow
{
    public Guid JobId { get; init; }

    public string Tool { get; init; } = null!;

    public string Prompt { get; init; } = null!;

    /// <summary>Arguments of the job's CLI: <see cref="AgentRequest.Json"/>.</summary>
    public string AgentJson { get; init; } = null!;

    public string ArgumentsJson { get; init; } = null!;

    public string? WorkingDirectory { get; init; }

    /// <summary>The session that the job goes on with or forks; null for a new conversation.</summary>
    public Guid? ResumesSessionId { get; init; }
    /// <summary>Where the run works by the worker's names, and what else of its disk it has: JSON; null for a private directory.</summary>
    public string? PlacesJson { get; init; }

    /// <summary>Names of the MCP servers that the run has: a JSON list; null for none.</summary>
    public string? McpServersJson { get; init; }

    public string CredentialName { get; init; } = null!;

    /// <summary>The caller itself wanted a person to be asked.</summary>
    public bool CallerAsks { get; init; }

    public long TimeoutMs { get; init; }

    public long IdleTimeoutMs { get; init; }
}
