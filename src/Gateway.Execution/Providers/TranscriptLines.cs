namespace Gateway.Execution.Providers;

/// <summary>Looks through the lines of a conversation file, however long they are.</summary>
internal static class TranscriptLines
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>How a line is judged.</summary>
    /// <param name="beginning">Its beginning, without the line end.</param>
    public delegate bool Judge(ReadOnlySpan<byte> beginning);

    /// <summary>How a line is judged that stands somewhere.</summary>
    /// <param name="beginning">Its beginning, without the line end.</param>
    /// <param name="at">Where in the file it begins.</param>
    public delegate bool JudgeAt(ReadOnlySpan<byte> beginning, long at);

    /// <summary>Whether one line is as wanted.</summary>
    /// <param name="path">Real path of the file; what is no plain file has no lines.</param>
    /// <param name="fromBytes">Where to begin: the start of a line.</param>
    /// <param name="lineBytes">How much of a line's beginning is judged, at most 32 KiB.</param>
    /// <param name="judge">The judgement.</param>
    public static bool Any(string path, long fromBytes, int lineBytes, Judge judge) => Any(path, fromBytes, lineBytes, (beginning, _) => judge(beginning));

    /// <summary>Whether one line is as wanted.</summary>
    /// <param name="path">Real path of the file; what is no plain file has no lines.</param>
    /// <param name="fromBytes">Where to begin: the start of a line.</param>
    /// <param name="lineBytes">How much of a line's beginning is judged, at most 32 KiB.</param>
    /// <param name="judge">The judgement.</param>
    public static bool Any(string path, long fromBytes, int lineBytes, JudgeAt judge)
    {
        using var file = SafeFile.OpenRead(path);
        if (file is null || fromBytes >= file.Length)
        {
            return false;
        }

        file.Position = fromBytes;
        var buffer = new byte[BufferBytes];
        var (filled, judged) = (0, false);
        while (file.Read(buffer, filled, buffer.Length - filled) is var read and > 0)
        {
            filled += read;
            var rest = buffer.AsSpan(0, filled);
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf((byte)'\n');
                if (!judged && end < 0 && rest.Length < lineBytes)
                {
                    // Too little of it to be judged.
                    break;
                }

                if (!judged && judge(rest[..Math.Min(end < 0 ? rest.Length : end, lineBytes)], file.Position - rest.Length))
                {
                    return true;
                }

                judged = end < 0;
                rest = end < 0 ? [] : rest[(end + 1)..];
            }

            rest.CopyTo(buffer);
            filled = rest.Length;
        }

        return !judged && filled > 0 && judge(buffer.AsSpan(0, filled), file.Position - filled);
    }
}
