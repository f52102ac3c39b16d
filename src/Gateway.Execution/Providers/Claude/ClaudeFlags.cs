namespace Gateway.Execution.Providers.Claude;

/// <summary>The flags with which runs of Claude Code are started, and where its help names them. <c>--max-turns</c> works and is in no help.</summary>
internal static class ClaudeFlags
{
    /// <summary>The pages of its help.</summary>
    public static IReadOnlyList<AgentContract.HelpPage> Pages { get; } =
    [
        new(["--help"],
        [
            "--add-dir", "--agent", "--agents", "--allowed-tools", "--append-system-prompt", "--disable-slash-commands", "--disallowed-tools", "--effort",
            "--exclude-dynamic-system-prompt-sections", "--fallback-model", "--fork-session", "--include-partial-messages", "--json-schema", "--max-budget-usd", "--mcp-config",
            "--model", "--name", "--no-session-persistence", "--output-format", "--permission-mode", "--permission-prompts", "--print", "--resume", "--safe-mode", "--session-id",
            "--setting-sources", "--strict-mcp-config", "--system-prompt", "--system-prompt-snapshot", "--tools", "--verbose",
        ]),
    ];
}
