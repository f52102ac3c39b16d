namespace Gateway.FakeAgent.Codex;

/// <summary>The command line of <c>codex exec</c>, as far as it changes what is printed; the rest is accepted and ignored, an unknown option refused as the real one does.</summary>
internal sealed class CodexArguments
{
    private static readonly string[] Switches =
    [
        "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust", "--ignore-rules", "--strict-config",
        "--ignore-user-config", "--ephemeral", "--oss",
    ];

    private static readonly string[] WithValue = ["-c", "--model", "--enable", "--disable", "--output-schema"];

    /// <summary>What only a new thread takes.</summary>
    private static readonly string[] OfNewThread = ["--sandbox", "--cd", "--profile", "--add-dir", "--local-provider", "--oss"];

    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];

    public string? Problem { get; private set; }

    public bool Resumes { get; private set; }

    public bool Keeps => !_given.Contains("--ephemeral");

    public bool AsksForStructure => _given.Contains("--output-schema");

    public Guid? Thread => Resumes && _words.Count > 0 && Guid.TryParse(_words[0], out var id) ? id : null;

    /// <summary>Whether a command line is one of Codex: no other CLI has a command.</summary>
    public static bool AreMeant(string[] args) => args is ["exec", ..];

    public static CodexArguments Parse(string[] args)
    {
        var parsed = new CodexArguments { Resumes = args is ["exec", "resume", ..] };
        parsed.Read(args, parsed.Resumes ? 2 : 1);
        return parsed;
    }

    private void Read(string[] args, int from)
    {
        for (var i = from; i < args.Length && Problem is null; i++)
        {
            var name = args[i];
            if (name == "--")
            {
                _words.AddRange(args[(i + 1)..]);
                return;
            }
            else if (!name.StartsWith('-'))
            {
                _words.Add(name);
            }
            else if (Resumes && Array.IndexOf(OfNewThread, name) >= 0)
            {
                Problem = $"unexpected argument '{name}' found";
            }
            else if (Array.IndexOf(Switches, name) >= 0 || name.StartsWith("--image=", StringComparison.Ordinal))
            {
                _given.Add(name);
            }
            else if ((Array.IndexOf(WithValue, name) >= 0 || Array.IndexOf(OfNewThread, name) >= 0) && i + 1 < args.Length)
            {
                _given.Add(name);
                i++;
            }
            else
            {
                Problem = $"unexpected argument '{name}' found";
            }
        }
    }
}
