using System.Text.Json;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// The files in which Codex keeps a conversation: <c>sessions/YYYY/MM/DD/rollout-TIME-ID.jsonl</c> in its configuration
/// directory, one for each thread, those of sub-agents among them.
/// </summary>
internal static class CodexRollout
{
    private const string Beginning = "rollout-";
    private const int IdCharacters = 36;
    private const int HeadBytes = 4 * 1024;
    private const int LookedThroughBytes = 1024 * 1024;
    private const int LineStartBytes = 4 * 1024;

    /// <summary>The newest conversation of its own that <c>codex exec</c> has begun there; null when there is none.</summary>
    /// <param name="configDirectory">The run's <c>CODEX_HOME</c>.</param>
    public static string? FindNewest(string configDirectory)
    {
        try
        {
            return Below(Below(Below([Path.Combine(configDirectory, "sessions")])))
                .SelectMany(day => Directory.EnumerateFiles(day, Beginning + "*.jsonl"))
                .Where(path => IdOf(path) is not null)
                .OrderByDescending(Path.GetFileName, StringComparer.Ordinal)
                .FirstOrDefault(IsOfExec);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The agent may change the folders while they are looked through.
            return null;
        }
    }

    /// <summary>The id in a file's name; null when there is none.</summary>
    /// <param name="path">The file.</param>
    public static Guid? IdOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.Length > Beginning.Length + IdCharacters && Guid.TryParseExact(name[^IdCharacters..], "d", out var id) ? id : null;
    }

    /// <summary>Whether the prompt of a user is in it: without one there is nothing to go on with.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fromBytes">Only what follows so many bytes is looked at.</param>
    public static bool HasPrompt(string path, long fromBytes = 0) => TranscriptLines.Any(path, fromBytes, LineStartBytes, line => line.IndexOf("\"type\":\"UserMessage\""u8) >= 0);

    /// <summary>The id that the first line of a file tells; null when there is none.</summary>
    /// <param name="path">The file, wherever it lies.</param>
    public static Guid? IdWithin(string path)
    {
        var head = Part(path, fromEnd: false, LookedThroughBytes);
        var end = head.AsSpan().IndexOf((byte)'\n');
        using var document = end < 0 ? null : JsonLine.Parse(head.AsMemory(0, end));
        return Guid.TryParseExact(document?.RootElement.Member("payload").Member("id").Text(), "d", out var id) ? id : null;
    }

    /// <summary>Where a conversation that was written elsewhere is put: the CLI finds it there by its id, and each one that it begins is newer.</summary>
    /// <param name="configDirectory">The run's <c>CODEX_HOME</c>.</param>
    /// <param name="id">The conversation.</param>
    public static TranscriptPlace PlaceOf(string configDirectory, Guid id) =>
        new(Path.Combine(configDirectory, "sessions", "2000", "01", "01"), $"{Beginning}2000-01-01T00-00-00-{id:d}.jsonl");

    /// <summary>The last count of tokens in it; null when it cannot be found.</summary>
    /// <param name="path">The file.</param>
    public static ConversationTokens? LastTokens(string path)
    {
        var tail = Part(path, fromEnd: true, LookedThroughBytes);
        var end = tail.Length;
        while (end > 0)
        {
            var start = tail.AsSpan(0, end).LastIndexOf((byte)'\n') + 1;
            if (tail.AsSpan(start, end - start).IndexOf("\"token_count\""u8) >= 0 && TokensOf(tail.AsMemory(start, end - start)) is { } tokens)
            {
                return tokens;
            }

            end = start - 1;
        }

        return null;
    }

    /// <summary>Reads a record of usage; null when it is none. Anybody may have written it: no figure in it may end the reading.</summary>
    /// <param name="usage">The record.</param>
    public static ConversationTokens? Tokens(JsonElement usage) => usage.ValueKind != JsonValueKind.Object ? null : new ConversationTokens(
        Count(usage, "input_tokens"), Count(usage, "output_tokens"), Count(usage, "cached_input_tokens"), Count(usage, "cache_write_input_tokens"));

    private static ConversationTokens? TokensOf(ReadOnlyMemory<byte> line)
    {
        using var document = JsonLine.Parse(line);
        var payload = document?.RootElement.Member("payload") ?? default;
        return payload.Member("type").Text() == "token_count" ? Tokens(payload.Member("info").Member("total_token_usage")) : null;
    }

    private static IEnumerable<string> Below(IEnumerable<string> folders) => folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories);

    private static bool IsOfExec(string path) => Part(path, fromEnd: false, HeadBytes).AsSpan().IndexOf("\"source\":\"exec\""u8) >= 0;

    private static byte[] Part(string path, bool fromEnd, int mostBytes)
    {
        using var file = SafeFile.OpenRead(path);
        if (file is null)
        {
            return [];
        }

        var part = new byte[Math.Min(file.Length, mostBytes)];
        file.Position = fromEnd ? file.Length - part.Length : 0;
        return part[..file.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)];
    }

    private static long Count(JsonElement usage, string name) => usage.Member(name).Whole() is { } count ? Math.Clamp(count, 0, RunUsage.MaxTokens) : 0;
}
