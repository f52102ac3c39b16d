using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Codex;

/// <summary>The conversation file <c>$CODEX_HOME/sessions/YYYY/MM/DD/rollout-TIME-ID.jsonl</c>: prompt at the start, answer and count of tokens at the end.</summary>
internal sealed partial class CodexRollout
{
    private const string PromptKey = "\"fakePrompt\":\"";
    private const int OwnerOnly = 0x180;
    private readonly string? _path;

    private CodexRollout(Guid id, string? path, string text)
    {
        Id = id;
        _path = path;
        FirstPrompt = PromptOf(text);
        var count = Counts().Matches(text).LastOrDefault();
        InputBefore = count is null ? 0 : long.Parse(count.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        OutputBefore = count is null ? 0 : long.Parse(count.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
    }

    public Guid Id { get; }

    /// <summary>Prompt of the conversation's first run; empty when there was none.</summary>
    public string FirstPrompt { get; }

    public long InputBefore { get; }

    public long OutputBefore { get; }

    /// <summary>Null when the thread to be resumed is not there; <paramref name="problem"/> then is what the real CLI says.</summary>
    public static CodexRollout? Open(CodexArguments arguments, out string problem)
    {
        problem = "";
        var sessions = Path.Combine(Environment.GetEnvironmentVariable("CODEX_HOME") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".codex"), "sessions");
        if (!arguments.Resumes)
        {
            var now = TimeProvider.System.GetLocalNow();
            var id = Guid.CreateVersion7(now);
            var path = Path.Combine(sessions, now.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture), $"rollout-{now.ToString("yyyy-MM-dd'T'HH-mm-ss", CultureInfo.InvariantCulture)}-{id:d}.jsonl");
            var fresh = new CodexRollout(id, arguments.Keeps ? path : null, "");
            fresh.Append($$$"""{"timestamp":"2026-01-01T00:00:00.000Z","ordinal":0,"type":"session_meta","payload":{"id":"{{{id:d}}}","cwd":{{{Json.Text(Environment.CurrentDirectory)}}},"originator":"codex_exec","cli_version":"0.169.0","source":"exec"}}""");
            return fresh;
        }

        var found = arguments.Thread is { } thread && Directory.Exists(sessions)
            ? Directory.EnumerateFiles(sessions, $"rollout-*-{thread:d}.jsonl", SearchOption.AllDirectories).FirstOrDefault()
            : null;
        problem = $"Error: thread/resume: thread/resume failed: no rollout found for thread id {arguments.Thread:d} (code -32600)";
        return found is null || arguments.Thread is not { } old ? null : new CodexRollout(old, found, File.ReadAllText(found));
    }

    public void WritePrompt(string prompt) => Append(
        $$$$"""{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":{{{{Json.Text(prompt)}}}}}]},{{{{PromptKey}}}}{{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(prompt))}}}}"}}""");

    public void WriteTokens(long input, long output) => Append(
        $$"""{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":{{input}},"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":{{output}} """ + "}}}}");

    private static string PromptOf(string text)
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

    [GeneratedRegex("\"input_tokens\":([0-9]{1,18}).{1,80}?\"output_tokens\":([0-9]{1,18})", RegexOptions.NonBacktracking)]
    private static partial Regex Counts();
}
