using System.Text;
using System.Text.Json;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Gemini;

/// <summary>The conversation file <c>$HOME/.gemini/tmp/PROJECT/chats/session-TIME-ID.jsonl</c>, found again in the same directory only, as for the real CLI.</summary>
internal sealed class GeminiSession
{
    private const string PromptKey = "\"fakePrompt\":\"";
    private const int OwnerOnly = 0x180;
    private readonly string _path;

    private GeminiSession(string id, string path, string firstPrompt) => (Id, _path, FirstPrompt) = (id, path, firstPrompt);

    public string Id { get; }

    /// <summary>Prompt of the conversation's first run; empty when there was none.</summary>
    public string FirstPrompt { get; }

    /// <summary>Null when the session cannot be opened; <paramref name="problem"/> then is what the real CLI says.</summary>
    public static GeminiSession? Open(GeminiArguments arguments, out string problem)
    {
        var id = arguments.SessionId;
        var chats = Path.Combine(Home, ".gemini", "tmp", Project(), "chats");
        var found = Directory.Exists(chats) ? Directory.EnumerateFiles(chats, $"session-*-{id[..8]}.jsonl").FirstOrDefault(file => File.ReadAllText(file).Contains(id, StringComparison.Ordinal)) : null;
        problem = (arguments.Resume, found) switch
        {
            (null, not null) => $"Error starting session: Session ID \"{id}\" already exists. Use --resume to resume it, or provide a different ID.",
            (not null, null) => $"Error resuming session: Invalid session identifier \"{id}\".",
            _ => "",
        };
        if (problem.Length > 0)
        {
            return null;
        }

        if (found is not null)
        {
            return new GeminiSession(id, found, Prompt(File.ReadAllText(found)));
        }

        _ = Directory.CreateDirectory(chats);
        var session = new GeminiSession(id, Path.Combine(chats, $"session-2026-01-01T00-00-{id[..8]}.jsonl"), "");
        session.Append($$"""{"sessionId":{{Json.Text(id)}},"projectHash":"0","startTime":"2026-01-01T00:00:00.000Z","lastUpdated":"2026-01-01T00:00:00.000Z","kind":"main"}""");
        return session;
    }

    /// <summary>What the real CLI demands of a run with a key, or null.</summary>
    public static string? AuthProblem()
    {
        var settings = Path.Combine(Home, ".gemini", "settings.json");
        return Environment.GetEnvironmentVariable("GEMINI_API_KEY") is not null && !(File.Exists(settings) && File.ReadAllText(settings).Contains("gemini-api-key", StringComparison.Ordinal))
            ? "Invalid auth method selected."
            : null;
    }

    public void WritePrompt(string prompt) => Append(
        $$"""{"id":"1","timestamp":"2026-01-01T00:00:00.000Z","type":"user","content":[{"text":{{Json.Text(prompt)}}}],{{PromptKey}}{{Convert.ToBase64String(Encoding.UTF8.GetBytes(prompt))}}"}""");

    public void WriteAnswer(string answer) => Append(
        $$"""{"id":"2","timestamp":"2026-01-01T00:00:00.000Z","type":"gemini","content":{{Json.Text(answer)}}}""");

    // A registered directory has the name of its registration, if the folder says that it is its own.
    private static string Project()
    {
        var registry = Path.Combine(Home, ".gemini", "projects.json");
        using var read = File.Exists(registry) ? JsonDocument.Parse(File.ReadAllBytes(registry)) : null;
        return read?.RootElement.GetProperty("projects").TryGetProperty(Environment.CurrentDirectory, out var name) == true
            && File.ReadAllText(Path.Combine(Home, ".gemini", "tmp", name.GetString()!, ".project_root")) == Environment.CurrentDirectory
                ? name.GetString()!
                : Path.GetFileName(Environment.CurrentDirectory);
    }

    private static string Home => Environment.GetEnvironmentVariable("HOME") ?? "/tmp";

    private static string Prompt(string text)
    {
        var at = text.IndexOf(PromptKey, StringComparison.Ordinal);
        return at < 0 ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(text[(at + PromptKey.Length)..text.IndexOf('"', at + PromptKey.Length)]));
    }

    private void Append(string line) => Native.Append(_path, Encoding.UTF8.GetBytes(line + "\n"), OwnerOnly);
}
