namespace Gateway.Contracts.Values;

/// <summary>The agent CLIs by name: the word in queues, rows, messages and tools. A worker may run others; a gateway offers tools for these.</summary>
public static class AgentClis
{
    /// <summary>Claude Code.</summary>
    public const string Claude = "claude";

    /// <summary>Codex CLI.</summary>
    public const string Codex = "codex";

    /// <summary>Gemini CLI.</summary>
    public const string Gemini = "gemini";

    /// <summary>All of them, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } = [Claude, Codex, Gemini];
}
