using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Jobs;

/// <summary>The public text of an id: a prefix and 26 characters of <c>a-z2-7</c> (base32 of 16 random bytes, no padding).</summary>
internal static class IdText
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Digits = 26;

    /// <summary>A new id of 16 random bytes: unguessable, without order and without time.</summary>
    public static Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new Guid(bytes);
    }

    /// <summary>The public text of an id.</summary>
    public static string Format(string prefix, Guid id) => string.Create(prefix.Length + Digits, (prefix, id), static (text, named) =>
    {
        named.prefix.CopyTo(text);
        Span<byte> bytes = stackalloc byte[16];
        named.id.TryWriteBytes(bytes);
        for (var i = 0; i < Digits; i++)
        {
            text[named.prefix.Length + i] = Alphabet[FiveBits(bytes, i * 5)];
        }
    });

    /// <summary>Reads the public text; false for any other text, which is then simply an unknown id.</summary>
    public static bool TryParse(string prefix, [NotNullWhen(true)] string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != prefix.Length + Digits || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[17];
        bytes.Clear();
        for (var i = 0; i < Digits; i++)
        {
            var digit = Alphabet.IndexOf(text[prefix.Length + i], StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            var bit = i * 5;
            var window = digit << (11 - (bit % 8));
            bytes[bit / 8] |= (byte)(window >> 8);
            bytes[(bit / 8) + 1] |= (byte)window;
        }

        // 26 digits hold 130 bits: the last two must be zero, or two texts would have one id.
        if (bytes[16] != 0)
        {
            return false;
        }

        id = new Guid(bytes[..16]);
        return true;
    }

    private static int FiveBits(ReadOnlySpan<byte> bytes, int bit)
    {
        var high = bytes[bit / 8];
        var low = (bit / 8) + 1 < bytes.Length ? bytes[(bit / 8) + 1] : (byte)0;
        return (((high << 8) | low) >> (11 - (bit % 8))) & 31;
    }
}
