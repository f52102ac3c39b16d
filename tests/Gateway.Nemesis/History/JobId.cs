namespace Gateway.Nemesis.History;

/// <summary>Between the public text of a job's id and the id: base32 of its bytes, read here without the code under test.</summary>
internal static class JobId
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static Guid Read(string text)
    {
        var bytes = new byte[16];
        var (buffer, bits, count) = (0, 0, 0);
        foreach (var digit in text["job_".Length..])
        {
            buffer = (buffer << 5) | Alphabet.IndexOf(digit, StringComparison.Ordinal);
            bits += 5;
            if (bits >= 8 && count < bytes.Length)
            {
                bits -= 8;
                bytes[count++] = (byte)(buffer >> bits);
                buffer &= (1 << bits) - 1;
            }
        }

        return new Guid(bytes);
    }
}
