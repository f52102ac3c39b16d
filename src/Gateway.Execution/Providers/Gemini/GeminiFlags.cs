namespace Gateway.Execution.Providers.Gemini;

/// <summary>The flags with which runs of Gemini CLI are started, and where its help names them.</summary>
internal static class GeminiFlags
{
    /// <summary>The pages of its help.</summary>
    public static IReadOnlyList<AgentContract.HelpPage> Pages { get; } =
    [
        new(["--help"],
        [
            "--allowed-mcp-server-names", "--allowed-tools", "--approval-mode", "--include-directories", "--model", "--output-format", "--resume", "--sandbox", "--session-id",
            "--skip-trust",
        ]),
    ];
}
