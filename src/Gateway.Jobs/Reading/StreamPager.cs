using System.Text;
using Gateway.Jobs.Output;

namespace Gateway.Jobs.Reading;

/// <summary>Cuts stored streams into pages of text. Holds at most one page and one piece of a stream in memory.</summary>
public sealed class StreamPager
{
    private readonly CharacterIndex index = new();

    /// <summary>A page that begins at a byte; a place inside a character moves back to its start, one beyond the end to the end.</summary>
    /// <param name="store">Where the bytes are.</param>
    /// <param name="source">The stream.</param>
    /// <param name="offsetBytes">Where to begin.</param>
    /// <param name="maxChars">Most UTF-16 units.</param>
    /// <param name="countChars">Also count UTF-16 units, which reads every byte of the stream once.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<StreamPage> ReadAsync(IOutputStore store, StreamSource source, long offsetBytes, int maxChars, bool countChars, CancellationToken cancellationToken)
    {
        var start = await FindBoundaryAsync(store, source, Math.Clamp(offsetBytes, 0, source.LengthBytes), cancellationToken).ConfigureAwait(false);
        var text = new StringBuilder();
        var end = await FillAsync(store, source, start, maxChars, text, cancellationToken).ConfigureAwait(false);
        var page = new StreamPage { Text = text.ToString(), OffsetBytes = start, EndBytes = end, TotalBytes = source.LengthBytes, Ended = source.Ended };
        if (!countChars)
        {
            return page;
        }

        var before = await index.CharsBeforeAsync(store, source, start, cancellationToken).ConfigureAwait(false);
        var last = source.Ended ? source.LengthBytes : await FindBoundaryAsync(store, source, source.LengthBytes, cancellationToken).ConfigureAwait(false);
        var total = end == last ? before + page.Text.Length : await index.CharsBeforeAsync(store, source, last, cancellationToken).ConfigureAwait(false);
        return page with { OffsetChars = before, TotalChars = total };
    }

    /// <summary>Like <see cref="ReadAsync"/>, but begins at a UTF-16 unit.</summary>
    /// <param name="store">Where the bytes are.</param>
    /// <param name="source">The stream.</param>
    /// <param name="offsetChars">Where to begin.</param>
    /// <param name="maxChars">Most UTF-16 units.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<StreamPage> ReadFromCharAsync(IOutputStore store, StreamSource source, long offsetChars, int maxChars, CancellationToken cancellationToken)
    {
        var start = await index.FindByteAsync(store, source, offsetChars, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(store, source, start, maxChars, countChars: true, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<long> FindBoundaryAsync(IOutputStore store, StreamSource source, long offset, CancellationToken cancellationToken)
    {
        var from = Math.Max(0, offset - (Utf8Text.LongestCharacter - 1));
        var wanted = (int)Math.Min(source.LengthBytes - from, 2 * Utf8Text.LongestCharacter);
        if (offset == 0 || wanted <= 0)
        {
            return offset;
        }

        var around = await store.ReadAsync(source.JobId, source.Attempt, source.Stream, from, wanted, cancellationToken).ConfigureAwait(false);
        return offset - Utf8Text.BytesIntoCharacter(around, (int)(offset - from), source.Ended);
    }

    private static async Task<long> FillAsync(IOutputStore store, StreamSource source, long start, int maxChars, StringBuilder text, CancellationToken cancellationToken)
    {
        var at = start;
        while (at < source.LengthBytes && text.Length < maxChars)
        {
            // A character is at least one byte a unit and at most three, so the first reading often suffices.
            var wanted = (int)Math.Min(source.LengthBytes - at, Math.Min(CharacterIndex.PieceBytes, (maxChars - text.Length + 1L) * Utf8Text.LongestCharacter));
            var piece = await store.ReadAsync(source.JobId, source.Attempt, source.Stream, at, wanted, cancellationToken).ConfigureAwait(false);
            var isLast = at + piece.Length >= source.LengthBytes;
            var used = Utf8Text.Read(piece, isLast && source.Ended, maxChars - text.Length, text, out _);
            if (used == 0)
            {
                break;
            }

            at += used;
        }

        return at;
    }
}
