namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>cli_versions</c> answers.</summary>
internal sealed record VersionsAnswer
{
    public bool Success => true;

    public required IReadOnlyList<VersionView> Versions { get; init; }

    /// <summary>One CLI, from the last reports of the workers.</summary>
    internal sealed record VersionView
    {
        public required string Cli { get; init; }

        /// <summary>At least one worker has it.</summary>
        public required bool Installed { get; init; }

        /// <summary>Of the worker that was heard last.</summary>
        public string? Version { get; init; }

        public required string TestedVersion { get; init; }

        /// <summary><c>none</c>, <c>newer</c>, <c>older</c> or <c>unknown</c>, of <see cref="Version"/> against <see cref="TestedVersion"/>.</summary>
        public required string Drift { get; init; }

        public required string LoginStatus { get; init; }

        public string? LoginGuidance { get; init; }

        public required IReadOnlyList<WorkerVersionView> Workers { get; init; }

        /// <summary>Flags that runs are started with and that the installed CLI's help does not name.</summary>
        public IReadOnlyList<string>? MissingFlags { get; init; }

        public string? Error { get; init; }
    }

    internal sealed record WorkerVersionView(string Worker, string? Version);
}
