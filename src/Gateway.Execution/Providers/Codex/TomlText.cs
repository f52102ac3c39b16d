using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Codex;

/// <summary>Texts in TOML.</summary>
internal static class TomlText
{
    /// <summary>A basic string.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="RunRefusedException">It holds what such a string cannot.</exception>
    public static string Of(string text) => text.Any(char.IsControl)
        ? throw RunRefusedException.Of(FailureKinds.Rejected, "A path or name holds a control character. Change it.")
        : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
