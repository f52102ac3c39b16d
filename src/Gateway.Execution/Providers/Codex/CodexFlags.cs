namespace Gateway.Execution.Providers.Codex;

/// <summary>The flags with which runs of Codex are started, and where its help names them.</summary>
internal static class CodexFlags
{
    /// <summary>The pages of its help.</summary>
    public static IReadOnlyList<AgentContract.HelpPage> Pages { get; } =
    [
        new(["exec", "--help"],
        [
            "--add-dir", "--cd", "--config", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust", "--disable", "--enable", "--ephemeral",
            "--ignore-rules", "--ignore-user-config", "--image", "--json", "--local-provider", "--model", "--oss", "--output-schema", "--profile", "--sandbox",
            "--skip-git-repo-check", "--strict-config",
        ]),
        new(["exec", "resume", "--help"],
        [
            "--config", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust", "--disable", "--enable", "--ephemeral", "--ignore-rules",
            "--ignore-user-config", "--image", "--json", "--model", "--output-schema", "--skip-git-repo-check", "--strict-config",
        ]),
    ];
}
