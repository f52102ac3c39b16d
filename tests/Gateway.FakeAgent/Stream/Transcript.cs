using System.Globalization;
using System.Text;
using Gateway.FakeAgent.CommandLine;
using Gateway.FakeAgent.Platform;

namespace Gateway.FakeAgent.Stream;

/// <summary>The conversation file <c>$CLAUDE_CONFIG_DIR/projects/SLUG/UUID.jsonl</c>: prompt at the start, answer and cost at the end, found again by any directory.</summary>
internal sealed class Transcript
{
    private const string CostKey = "\"totalCostUSD\":";
    private const string PromptKey = "\"fakePrompt\":\"";
    private const int OwnerOnly = 0x180;
    private readonly string? _path;

    private Transcript(string sessionId, string? path, double costBefore, string firstPrompt)
    {
        SessionId = sessionId;
        _path = path;
        CostBefore = costBefore;
        FirstPrompt = firstPrompt;
    }

    public string SessionId { get; }

    public double CostBefore { get; }

    /// <summary>Prompt of the conversation's first run; empty when there was none.</summary>
    public string FirstPrompt { get; }

    /// <summary>Null when the session cannot be opened; <paramref name="problem"/> then is what the real CLI says.</summary>
    public static Transcript? Open(Arguments arguments, out string problem)
    {
        var projects = Path.Combine(Environment.GetEnvironmentVariable("CLAUDE_CONFIG_DIR") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".claude"), "projects");
        var id = arguments.Resume is { } resumed && !arguments.Forks ? resumed : arguments.SessionId ?? Guid.NewGuid().ToString();
        var own = Path.Combine(projects, Slug(Environment.CurrentDirectory), id + ".jsonl");
        problem = "";
        if (arguments.Resume is not { } old)
        {
            problem = Find(projects, id) is null ? "" : $"Session ID {id} is already in use.";
            return problem.Length == 0 ? new Transcript(id, arguments.Keeps ? own : null, 0, "") : null;
        }

        if (Find(projects, old) is not { } found)
        {
            problem = $"No conversation found with session ID: {old}";
            return null;
        }

        var text = File.ReadAllText(found);
        if (arguments.Forks && arguments.Keeps)
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(own)!);
            File.Copy(found, own);
        }

        // A resumed conversation goes on in the file where it was found, whatever directory it is resumed in.
        return new Transcript(id, !arguments.Keeps ? null : arguments.Forks ? own : found, Cost(text), Prompt(text));
    }

    public void WritePrompt(string prompt) => Append(
        $$"""{"parentUuid":null,"isSidechain":false,"type":"user","message":{"role":"user","content":{{Json.Text(prompt)}}},{{PromptKey}}{{Convert.ToBase64String(Encoding.UTF8.GetBytes(prompt))}}","sessionId":"{{SessionId}}","cwd":{{Json.Text(Environment.CurrentDirectory)}}}""");

    public void WriteAnswer(string answer, double costUsd)
    {
        Append($$"""{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":{{Json.Text(answer)}}}]},"sessionId":"{{SessionId}}"}""");
        Append($$"""{"type":"cost-state","sessionId":"{{SessionId}}",{{CostKey}}{{Json.Number(costUsd)}}}""");
    }

    private static string Slug(string directory) => string.Concat(directory.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));

    private static string? Find(string projects, string id) =>
        Directory.Exists(projects) ? Directory.EnumerateFiles(projects, id + ".jsonl", SearchOption.AllDirectories).FirstOrDefault() : null;

    private static double Cost(string text) => text.LastIndexOf(CostKey, StringComparison.Ordinal) is var at and >= 0
        ? double.Parse(text.AsSpan(at + CostKey.Length, text.AsSpan(at + CostKey.Length).IndexOfAny(',', '}')), CultureInfo.InvariantCulture)
        : 0;

    private static string Prompt(string text)
    {
        var at = text.IndexOf(PromptKey, StringComparison.Ordinal);
        return at < 0 ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(text[(at + PromptKey.Length)..text.IndexOf('"', at + PromptKey.Length)]));
    }

    private void Append(string line)
    {
        if (_path is null)
        {
            return;
        }

        _ = Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        Native.Append(_path, Encoding.UTF8.GetBytes(line + "\n"), OwnerOnly);
    }
}
