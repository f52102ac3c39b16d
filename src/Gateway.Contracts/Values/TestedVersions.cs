namespace Gateway.Contracts.Values;

/// <summary>The versions of the CLIs that this gateway was tested with; its tests run these very ones.</summary>
public static class TestedVersions
{
    /// <summary>Claude Code.</summary>
    public const string Claude = "2.1.330";

    /// <summary>Codex.</summary>
    public const string Codex = "0.169.0";

    /// <summary>Gemini CLI.</summary>
    public const string Gemini = "0.61.0";

    /// <summary>By CLI.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [AgentClis.Claude] = Claude,
        [AgentClis.Codex] = Codex,
        [AgentClis.Gemini] = Gemini,
    };
}
