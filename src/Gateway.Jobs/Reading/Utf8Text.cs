using System.Text;
using System.Text.Unicode;

namespace Gateway.Jobs.Reading;

/// <summary>
/// Reads bytes as UTF-8 in a way that does not depend on where the reading begins: a well-formed character is itself,
/// every other byte is one U+FFFD. The BCL's decoder replaces several bytes by one mark, so that offsets in bytes and in
/// characters would depend on the page.
/// </summary>
internal static class Utf8Text
{
    /// <summary>Longest character in bytes.</summary>
    public const int LongestCharacter = 4;

    private const char Replacement = '\uFFFD';

    /// <summary>How many bytes before <paramref name="index"/> the character begins that covers it; 0 at a boundary.</summary>
    /// <param name="bytes">The bytes around; a character that begins before them is not seen.</param>
    /// <param name="index">A place in them.</param>
    /// <param name="ended">No byte follows: an unfinished character is then no character.</param>
    public static int BytesIntoCharacter(ReadOnlySpan<byte> bytes, int index, bool ended)
    {
        if (index >= bytes.Length || !IsContinuation(bytes[index]))
        {
            return index >= bytes.Length && !ended ? BytesIntoUnfinished(bytes[..Math.Min(index, bytes.Length)]) : 0;
        }

        for (var back = 1; back < LongestCharacter && back <= index; back++)
        {
            var lead = bytes[index - back];
            if (IsContinuation(lead))
            {
                continue;
            }

            var status = Rune.DecodeFromUtf8(bytes[(index - back)..], out _, out var length);
            var covers = status == System.Buffers.OperationStatus.Done && length > back;
            return covers || (status == System.Buffers.OperationStatus.NeedMoreData && !ended) ? back : 0;
        }

        return 0;
    }

    /// <summary>Appends characters until the budget is used up, and tells how many bytes they were.</summary>
    /// <param name="bytes">Bytes that begin at a boundary.</param>
    /// <param name="ended">No byte follows them.</param>
    /// <param name="maxChars">Most UTF-16 units to append.</param>
    /// <param name="text">Where to append; null to count only.</param>
    /// <param name="chars">UTF-16 units that were read.</param>
    public static int Read(ReadOnlySpan<byte> bytes, bool ended, long maxChars, StringBuilder? text, out long chars)
    {
        // Every byte is at most one unit, so a well-formed run no longer than the budget needs no look at its characters.
        var whole = ended ? bytes.Length : bytes.Length - BytesIntoUnfinished(bytes);
        if (whole <= maxChars && Utf8.IsValid(bytes[..whole]))
        {
            chars = Encoding.UTF8.GetCharCount(bytes[..whole]);
            text?.Append(Encoding.UTF8.GetString(bytes[..whole]));
            return whole;
        }

        return ReadSlowly(bytes[..whole], maxChars, text, out chars);
    }

    private static int ReadSlowly(ReadOnlySpan<byte> bytes, long maxChars, StringBuilder? text, out long chars)
    {
        Span<char> pair = stackalloc char[2];
        var at = 0;
        chars = 0;
        while (at < bytes.Length && chars < maxChars)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                (rune, length) = ((Rune)Replacement, 1);
            }

            if (chars + rune.Utf16SequenceLength > maxChars)
            {
                break;
            }

            text?.Append(pair[..rune.EncodeToUtf16(pair)]);
            chars += rune.Utf16SequenceLength;
            at += length;
        }

        return at;
    }

    private static int BytesIntoUnfinished(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back < LongestCharacter && back <= bytes.Length; back++)
        {
            if (!IsContinuation(bytes[^back]))
            {
                return Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData ? back : 0;
            }
        }

        return 0;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
