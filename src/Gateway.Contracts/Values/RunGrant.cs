namespace Gateway.Contracts.Values;

/// <summary>What a run may do. Travels only in the answer to a claim, is stored nowhere on its way.</summary>
public sealed record RunGrant
{
    /// <summary>The prompt, 1 to 1,000,000 characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>Arguments of Claude Code; null for another CLI.</summary>
    public ClaudeArguments? Claude { get; init; }

    /// <summary>
    /// Arguments of any other CLI: a JSON object, whose members are those of its record of arguments in camel case. Whoever
    /// runs the CLI knows it; nobody on the way looks into it. Null for Claude Code.
    /// </summary>
    public string? ArgumentsJson { get; init; }

    /// <summary>Conversation id of the job, the same for all its attempts.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>The conversation that the run goes on with; null for a new one.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>
    /// True when <see cref="Conversation"/> is given. For workers that do not know that one: they go on with what lies on their own
    /// disk, and without it refuse a run that can change files.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Whether an earlier attempt had a process, or may have had one. Null from an older control plane: then every attempt but the first may have.</summary>
    public bool? HasRun { get; init; }

    /// <summary>True when the run can change files.</summary>
    public bool Writes { get; init; }

    /// <summary>Absolute working directory, or null for a private one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// The session whose private working directory the run has: the same for all its runs on one worker, empty for the first. Null
    /// when the directory is the job's alone.
    /// </summary>
    public Guid? WorkOfSession { get; init; }

    /// <summary>
    /// Where the run works, by names that the worker resolves, and what else it has of the worker's disk. Null from an older
    /// control plane: then <see cref="WorkingDirectory"/> counts.
    /// </summary>
    public RunPlaces? Places { get; init; }

    /// <summary>
    /// Turns of directories that the job has (<see cref="Gateway.Contracts.Workspaces.DirectoryTurnKey"/>): it may change files in these alone.
    /// Null when it needs none, and from an older control plane.
    /// </summary>
    public IReadOnlyList<string>? DirectoryTurns { get; init; }

    /// <summary>Names of the MCP servers that the run has, looked up on the worker; null for none, and from an older control plane.</summary>
    public IReadOnlyList<string>? McpServers { get; init; }

    /// <summary>Name of the credential, looked up on the worker.</summary>
    public required string CredentialName { get; init; }

    /// <summary>Wall clock of the attempt, from process start.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Longest silence of stdout and stderr together.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Cost of earlier attempts in US dollars, to be taken off <see cref="ClaudeArguments.MaxBudgetUsd"/>.</summary>
    public decimal SpentUsd { get; init; }
}
