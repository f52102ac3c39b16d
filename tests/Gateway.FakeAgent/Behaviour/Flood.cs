using System.Globalization;
using System.Text;
using Gateway.FakeAgent.Platform;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>Exactly N bytes of a named pattern, never more than 64 KiB of them in memory at once when printed raw.</summary>
internal static class Flood
{
    private const int Chunk = 65_536;

    /// <summary><c>N [lines | one-line | no-newline | invalid | ansi | nul | multibyte]</c> straight to stdout.</summary>
    public static void Raw(string text)
    {
        var (size, pattern) = Parse(text);
        var unit = Unit(pattern);
        var buffer = new byte[pattern == "multibyte" ? 997 : Chunk];
        for (long done = 0; done < size;)
        {
            var count = (int)Math.Min(buffer.Length, size - done);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = unit[(int)((done + i) % unit.Length)];
            }

            if (pattern == "one-line" && done + count == size)
            {
                buffer[count - 1] = (byte)'\n';
            }

            Output.Bytes(buffer.AsSpan(0, count));
            done += count;
        }
    }

    /// <summary>N bytes as assistant lines of 1,000 characters each.</summary>
    public static void InLines(string text, ClaudeLines lines)
    {
        var (size, pattern) = Parse(text);
        for (long done = 0; done < size; done += 1000)
        {
            lines.Say(Repeat(pattern, (int)Math.Min(1000, size - done)));
        }
    }

    /// <summary>An answer of N characters, so one JSON line of at least that many bytes.</summary>
    public static string Answer(string text)
    {
        var (size, pattern) = Parse(text);
        return Repeat(pattern, (int)size);
    }

    private static string Repeat(string pattern, int length)
    {
        var unit = Encoding.UTF8.GetString(Unit(pattern == "invalid" ? "lines" : pattern));
        var result = new StringBuilder(length + unit.Length);
        while (result.Length < length)
        {
            result.Append(unit);
        }

        // A pair is never cut: a lone half would not be the same text after its way through UTF-8.
        var end = char.IsHighSurrogate(result[length - 1]) ? length - 1 : length;
        return result.ToString(0, end);
    }

    private static (long Size, string Pattern) Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? parts[1] : "lines");
    }

    private static byte[] Unit(string pattern) => pattern switch
    {
        "lines" => "The quick brown fox jumps over the lazy dog and then over the next one too, 0123456789 abcdefghijk\n"u8.ToArray(),
        "one-line" or "no-newline" => "0123456789abcdef"u8.ToArray(),
        "invalid" => [(byte)'a', 0xC3, 0x28, 0xFF, 0xFE, 0xE2, 0x82, (byte)'z', (byte)'\n'],
        "ansi" => "\u001b[31mred\u001b[0m \u001b[2K\u001b]0;title\u0007plain\n"u8.ToArray(),
        "nul" => "before\0after\n"u8.ToArray(),
        "multibyte" => "ä€🙂日\n"u8.ToArray(),
        _ => throw new ArgumentException($"There is no pattern '{pattern}'."),
    };
}
