namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// What stands in a file in which Gemini CLI keeps a conversation. A turn is a line of its own, until a line with <c>$set</c> says
/// anew which turns there are: the CLI takes back a prompt whose request failed, and does not go on with a conversation without turns.
/// </summary>
internal static class GeminiChat
{
    // The kind and the id of a turn stand before its text, which may be long.
    private const int TurnStartBytes = 4 * 1024;
    private const int BufferBytes = 64 * 1024;
    private const int LongestIdBytes = 100;

    /// <summary>Whether something was said that still stands.</summary>
    /// <param name="path">Real path of the file.</param>
    /// <param name="fromBytes">What was said before that does not count: the start of a line.</param>
    public static bool HoldsTurn(string path, long fromBytes)
    {
        var said = false;
        long? toldAnew = null;
        byte[]? first = null;
        TranscriptLines.Any(path, fromBytes, TurnStartBytes, (line, at) =>
        {
            if (line.StartsWith("{\"$set\":{\"messages\":"u8))
            {
                (said, toldAnew) = (false, at);
            }
            else if (!line.StartsWith("{\"$set\""u8) && (line.IndexOf("\"type\":\"user\""u8) >= 0 || line.IndexOf("\"type\":\"gemini\""u8) >= 0))
            {
                said = true;
                first ??= IdIn(line);
            }

            return false;
        });

        return said || (toldAnew is { } from && (Holds(path, from, first) || (fromBytes == 0 && HoldsTurns(path, from))));
    }

    // The CLI's own words about the place, which come first, stand as a user's too.
    private static bool HoldsTurns(string path, long from) =>
        Count(path, from, "\"type\":\"gemini\""u8.ToArray()) > 0 || Count(path, from, "\"type\":\"user\""u8.ToArray()) > 1;

    private static bool Holds(string path, long from, byte[]? id) => id is not null && Count(path, from, id) > 0;

    private static byte[]? IdIn(ReadOnlySpan<byte> line)
    {
        var start = line.IndexOf("\"id\":\""u8);
        var length = start < 0 ? -1 : line[(start + 6)..].IndexOf((byte)'"');
        return length is > 0 and <= LongestIdBytes ? line.Slice(start, 6 + length + 1).ToArray() : null;
    }

    private static int Count(string path, long from, byte[] words)
    {
        using var file = SafeFile.OpenRead(path);
        if (file is null || from >= file.Length)
        {
            return 0;
        }

        file.Position = from;
        var buffer = new byte[BufferBytes];
        var (filled, count) = (0, 0);
        while (file.Read(buffer, filled, buffer.Length - filled) is var read and > 0)
        {
            filled += read;
            var rest = buffer.AsSpan(0, filled);
            while (rest.IndexOf(words) is var at and >= 0)
            {
                count++;
                rest = rest[(at + words.Length)..];
            }

            // Words that the buffer's end cuts.
            rest = rest[Math.Max(0, rest.Length - words.Length + 1)..];
            rest.CopyTo(buffer);
            filled = rest.Length;
        }

        return count;
    }
}
