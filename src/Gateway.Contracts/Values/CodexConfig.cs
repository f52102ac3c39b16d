namespace Gateway.Contracts.Values;

/// <summary>Which settings of Codex a call can never set.</summary>
public static class CodexConfig
{
    /// <summary>Where the key goes, what tools see of the environment, and what a run may touch: the gateway says that itself.</summary>
    public static IReadOnlyList<string> KeptKeys { get; } = ["model_provider", "model_providers", "openai_base_url", "chatgpt_base_url", "shell_environment_policy", "sandbox_mode"];

    /// <summary>Whether a key is one of <see cref="KeptKeys"/>, or lies below one.</summary>
    /// <param name="key">A key such as <c>features.x</c>.</param>
    public static bool IsKept(string key) => KeptKeys.Any(kept => key == kept || key.StartsWith(kept + ".", StringComparison.Ordinal));
}
