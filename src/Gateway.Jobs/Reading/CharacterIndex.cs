using System.Collections.Concurrent;
using Gateway.Jobs.Output;

namespace Gateway.Jobs.Reading;

/// <summary>
/// Where the characters of a stream lie. Streams only grow, so a place once counted stays: one pass over a stream of
/// 50 MiB leaves 200 marks, and each later question reads at most one piece of <see cref="PieceBytes"/>.
/// </summary>
internal sealed class CharacterIndex
{
    /// <summary>Distance of two marks, and the most that is held in memory of a stream.</summary>
    public const int PieceBytes = 256 * 1024;

    private const int MostStreams = 256;
    private readonly ConcurrentDictionary<(Guid, int, int), List<Mark>> marks = new();

    /// <summary>UTF-16 units before a place that is a character boundary.</summary>
    public async Task<long> CharsBeforeAsync(IOutputStore store, StreamSource source, long offsetBytes, CancellationToken cancellationToken)
    {
        var mark = await ScanAsync(store, source, m => m.Bytes <= offsetBytes, cancellationToken).ConfigureAwait(false);
        if (mark.Bytes == offsetBytes)
        {
            return mark.Chars;
        }

        var piece = await ReadAsync(store, source, mark.Bytes, (int)(offsetBytes - mark.Bytes), cancellationToken).ConfigureAwait(false);
        Utf8Text.Read(piece, ended: true, long.MaxValue, null, out var chars);
        return mark.Chars + chars;
    }

    /// <summary>The byte where a UTF-16 unit begins; moves back from the middle of a pair, and to the end from beyond it.</summary>
    public async Task<long> FindByteAsync(IOutputStore store, StreamSource source, long offsetChars, CancellationToken cancellationToken)
    {
        var mark = await ScanAsync(store, source, m => m.Chars <= offsetChars, cancellationToken).ConfigureAwait(false);
        var piece = await ReadAsync(store, source, mark.Bytes, PieceBytes + Utf8Text.LongestCharacter, cancellationToken).ConfigureAwait(false);
        var last = mark.Bytes + piece.Length >= source.LengthBytes;
        return mark.Bytes + Utf8Text.Read(piece, last && source.Ended, offsetChars - mark.Chars, null, out _);
    }

    /// <summary>The last mark for which the condition holds; passes over the bytes behind the marks that there are.</summary>
    private async Task<Mark> ScanAsync(IOutputStore store, StreamSource source, Func<Mark, bool> holds, CancellationToken cancellationToken)
    {
        if (marks.Count > MostStreams)
        {
            marks.Clear();
        }

        var known = marks.GetOrAdd((source.JobId, source.Attempt, (int)source.Stream), static _ => [default]);
        Mark mark;
        lock (known)
        {
            // Binary search is not worth its lines for 200 marks.
            var index = known.FindLastIndex(m => m.Bytes <= source.LengthBytes && holds(m));
            mark = known[index];
            if (index + 1 < known.Count)
            {
                return mark;
            }
        }

        while (mark.Bytes + PieceBytes + Utf8Text.LongestCharacter <= source.LengthBytes)
        {
            var piece = await ReadAsync(store, source, mark.Bytes, PieceBytes, cancellationToken).ConfigureAwait(false);
            var bytes = Utf8Text.Read(piece, ended: false, long.MaxValue, null, out var chars);
            var next = new Mark(mark.Bytes + bytes, mark.Chars + chars);
            lock (known)
            {
                if (known[^1].Bytes < next.Bytes)
                {
                    known.Add(next);
                }
            }

            if (!holds(next))
            {
                break;
            }

            mark = next;
        }

        return mark;
    }

    private static Task<byte[]> ReadAsync(IOutputStore store, StreamSource source, long offset, int maxBytes, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(maxBytes, source.LengthBytes - offset);
        return wanted <= 0 ? Task.FromResult<byte[]>([]) : store.ReadAsync(source.JobId, source.Attempt, source.Stream, offset, wanted, cancellationToken);
    }

    private readonly record struct Mark(long Bytes, long Chars);
}
