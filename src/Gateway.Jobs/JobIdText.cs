using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Jobs;

/// <summary>The public text of a job's id: <c>job_</c> and 26 characters of <c>a-z2-7</c> (base32 of 16 random bytes, no padding).</summary>
public static class JobIdText
{
    private const string Prefix = "job_";
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
    /// <param name="jobId">The id.</param>
    public static string Format(Guid jobId) => string.Create(Prefix.Length + Digits, jobId, static (text, id) =>
    {
        Prefix.CopyTo(text);
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        for (var i = 0; i < Digits; i++)
        {
            text[Prefix.Length + i] = Alphabet[FiveBits(bytes, i * 5)];
        }
    });

    /// <summary>Reads the public text; false for any other text, which is then simply an unknown job.</summary>
    /// <param name="text">Text from a caller.</param>
    /// <param name="jobId">The id.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid jobId)
    {
        jobId = default;
        if (text is null || text.Length != Prefix.Length + Digits || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[17];
        bytes.Clear();
        for (var i = 0; i < Digits; i++)
        {
            var digit = Alphabet.IndexOf(text[Prefix.Length + i], StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            var bit = i * 5;
            var window = digit << (11 - (bit % 8));
            bytes[bit / 8] |= (byte)(window >> 8);
            bytes[(bit / 8) + 1] |= (byte)window;
        }

        // 26 digits hold 130 bits: the last two must be zero, or two texts would name one job.
        if (bytes[16] != 0)
        {
            return false;
        }

        jobId = new Guid(bytes[..16]);
        return true;
    }

    private static int FiveBits(ReadOnlySpan<byte> bytes, int bit)
    {
        var high = bytes[bit / 8];
        var low = (bit / 8) + 1 < bytes.Length ? bytes[(bit / 8) + 1] : (byte)0;
        return (((high << 8) | low) >> (11 - (bit % 8))) & 31;
    }
}
