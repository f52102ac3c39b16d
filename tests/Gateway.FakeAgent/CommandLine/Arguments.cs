namespace Gateway.FakeAgent.CommandLine;

/// <summary>Claude's command line, as far as it changes what is printed; the rest is accepted and ignored, an unknown option refused as the real one does.</summary>
internal sealed class Arguments
{
    private static readonly string[] Switches =
    [
        "-p", "--print", "--verbose", "--include-partial-messages", "--strict-mcp-config", "--disable-slash-commands", "--fork-session", "--no-session-persistence",
        "--dangerously-skip-permissions", "--bare", "--safe-mode", "--restricted", "--exclude-dynamic-system-prompt-sections", "--replay-user-messages",
    ];

    private static readonly string[] WithValue =
    [
        "--output-format", "--input-format", "--setting-sources", "--permission-prompts", "--session-id", "--resume", "-r", "--model", "--fallback-model", "--permission-mode",
        "--max-turns", "--max-budget-usd", "--effort", "--system-prompt", "--append-system-prompt", "--system-prompt-snapshot", "--json-schema", "--settings", "--agents", "--agent",
        "--name",
    ];

    private static readonly string[] WithList = ["--allowedTools", "--allowed-tools", "--disallowedTools", "--disallowed-tools", "--tools", "--add-dir", "--mcp-config"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public string? Problem { get; private set; }

    public string? PromptArgument { get; private set; }

    public string Format => Value("--output-format") ?? "text";

    public bool Partial => Has("--include-partial-messages");

    public bool Keeps => !Has("--no-session-persistence");

    public bool Forks => Has("--fork-session");

    public string? Resume => Value("--resume") ?? Value("-r");

    public string? SessionId => Value("--session-id");

    public string Model => Value("--model") ?? "claude-opus-5-5";

    public string PermissionMode => Value("--permission-mode") ?? "default";

    public bool AsksForStructure => Has("--json-schema");

    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments();
        parsed.Read(args);
        parsed.Problem ??= parsed.Check();
        return parsed;
    }

    private bool Has(string name) => _values.ContainsKey(name);

    private string? Value(string name) => _values.GetValueOrDefault(name);

    private void Read(string[] args)
    {
        var i = 0;
        while (i < args.Length && Problem is null)
        {
            var name = args[i++];
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            if (name == "--")
            {
                PromptArgument = string.Join(' ', args[i..]);
                return;
            }
            else if (!name.StartsWith('-'))
            {
                PromptArgument = name;
            }
            else if (Array.IndexOf(Switches, name) >= 0)
            {
                _values[name] = "";
            }
            else if (equals > 0 && (Array.IndexOf(WithValue, name[..equals]) >= 0 || Array.IndexOf(WithList, name[..equals]) >= 0))
            {
                _values[name[..equals]] = name[(equals + 1)..];
            }
            else if (Array.IndexOf(WithValue, name) >= 0)
            {
                Problem = i == args.Length ? $"option '{name} <value>' argument missing" : null;
                _values[name] = i < args.Length ? args[i++] : "";
            }
            else if (Array.IndexOf(WithList, name) >= 0)
            {
                for (; i < args.Length && !args[i].StartsWith('-'); i++)
                {
                    _values[name] = args[i];
                }
            }
            else
            {
                Problem = $"unknown option '{name}'";
            }
        }
    }

    private string? Check()
    {
        if (Format == "stream-json" && !Has("--verbose"))
        {
            return "When using --print, --output-format=stream-json requires --verbose";
        }

        if (SessionId is { } id && !Guid.TryParseExact(id, "D", out _))
        {
            return "Invalid session ID. Must be a valid UUID.";
        }

        return SessionId is not null && Resume is not null && !Forks ? "--session-id can only be used with --resume if --fork-session is also specified." : null;
    }
}
