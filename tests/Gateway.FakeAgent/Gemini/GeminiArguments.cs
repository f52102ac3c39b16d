namespace Gateway.FakeAgent.Gemini;

/// <summary>Gemini CLI's command line, as far as it changes what is printed; the rest is accepted and ignored, an unknown option refused as the real one does.</summary>
internal sealed class GeminiArguments
{
    private static readonly string[] Switches = ["--skip-trust", "--sandbox"];

    private static readonly string[] WithValue =
        ["--output-format", "--model", "--approval-mode", "--include-directories", "--allowed-tools", "--allowed-mcp-server-names", "--session-id", "--resume"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public string? Problem { get; private set; }

    public string? Resume => Value("--resume");

    public string SessionId => Resume ?? Value("--session-id") ?? Guid.NewGuid().ToString();

    public string Model => Value("--model") ?? "auto";

    /// <summary>Whether a command line is one of Gemini CLI: its format without Claude's <c>-p</c>.</summary>
    public static bool AreMeant(string[] args) => args is ["--output-format", "stream-json", ..] && !args.Contains("-p");

    public static GeminiArguments Parse(string[] args)
    {
        var parsed = new GeminiArguments();
        for (var i = 0; i < args.Length && parsed.Problem is null; i++)
        {
            if (Array.IndexOf(Switches, args[i]) >= 0)
            {
                parsed._values[args[i]] = "";
            }
            else if (Array.IndexOf(WithValue, args[i]) >= 0 && i + 1 < args.Length)
            {
                parsed._values[args[i]] = args[++i];
            }
            else
            {
                parsed.Problem = args[i].StartsWith('-') ? $"Unknown argument: {args[i].TrimStart('-')}" : "A prompt is taken from stdin here.";
            }
        }

        return parsed;
    }

    private string? Value(string name) => _values.GetValueOrDefault(name);
}
