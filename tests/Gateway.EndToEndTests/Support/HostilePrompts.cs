namespace Gateway.EndToEndTests.Support;

/// <summary>Prompts that somewhere on their way could be taken for something else than text.</summary>
internal static class HostilePrompts
{
    public static IReadOnlyList<string> All { get; } =
    [
        "--version",
        "-p",
        "--dangerously-skip-permissions",
        "--mcp-config=/etc/passwd",
        "--add-dir /",
        "-- --resume",
        "/clear",
        "one\ntwo\r\nthree\rfour",
        "\"double\" 'single' \\ \\n \\\" '\\''",
        "$(id) `id` ${HOME} $HOME %PATH% !! ~ * ? [a-z] {a,b}",
        "; id & id | id && id || id > /tmp/x < /etc/passwd #",
        "\u2028line\u2029paragraph\u0085next\u000bvertical\u000cform",
        "\u202eright to left\u202c\u200f\u2066isolated\u2069\u200b\ufeff",
        "combining e\u0301, wide \u65e5\u672c, pair \ud83d\ude42, private \ue000, last \udbff\udffd",
        "%00 \\0 \\x00 &#0; \u0001\u001b[31m\u007f\u009b2J",
    ];

    /// <summary>A command word of the CLI gets a line before it.</summary>
    public static string AsSent(string prompt) => prompt.StartsWith('/') ? "\n" + prompt : prompt;
}
