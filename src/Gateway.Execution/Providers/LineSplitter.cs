namespace Gateway.Execution.Providers;

/// <summary>
/// Cuts a byte stream, given in any pieces, into lines. A line longer than the limit is passed over: its bytes are
/// stored elsewhere, only its meaning is lost.
/// </summary>
/// <param name="limitBytes">Longest line that is handed on.</param>
internal sealed class LineSplitter(int limitBytes)
{
    private const int KeptBufferBytes = 64 * 1024;

    // Long lines come in rows, and a new buffer for each would fill the large object heap until a full collection.
    private const int ShortLinesUntilShrunk = 64;

    private byte[] _held = [];
    private int _heldLength;
    private int _shortLines;
    private bool _passingOver;

    /// <summary>Takes a whole line without its line end.</summary>
    /// <param name="line">Valid during the call only.</param>
    /// <param name="endOffset">Where in the stream the text after the line begins.</param>
    public delegate void LineHandler(ReadOnlyMemory<byte> line, long endOffset);

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>Lines that were too long to be handed on.</summary>
    public int PassedOver { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">Directly after those of the call before.</param>
    /// <param name="handle">Called for each line that ends in them.</param>
    public void Feed(ReadOnlySpan<byte> bytes, LineHandler handle)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            Hold(part);
            Position += part.Length;
            if (end < 0)
            {
                return;
            }

            Position++;
            HandOn(handle);
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>Hands on a last line that has no line end.</summary>
    /// <param name="handle">Called for it, if there is one.</param>
    public void Complete(LineHandler handle)
    {
        if (_heldLength > 0 || _passingOver)
        {
            HandOn(handle);
        }
    }

    private void Hold(ReadOnlySpan<byte> part)
    {
        if (_passingOver)
        {
            return;
        }

        if (_heldLength + part.Length > limitBytes)
        {
            _passingOver = true;
            return;
        }

        if (_held.Length < _heldLength + part.Length)
        {
            Array.Resize(ref _held, Math.Min(limitBytes, Math.Max(4096, 2 * (_heldLength + part.Length))));
        }

        part.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += part.Length;
    }

    private void HandOn(LineHandler handle)
    {
        if (_passingOver)
        {
            PassedOver++;
        }
        else if (_heldLength > 0)
        {
            handle(_held.AsMemory(0, _heldLength), Position);
        }

        _shortLines = _heldLength > KeptBufferBytes ? 0 : _shortLines + 1;
        _passingOver = false;
        _heldLength = 0;

        // One long line must not keep megabytes for the rest of a run.
        if (_held.Length > KeptBufferBytes && _shortLines >= ShortLinesUntilShrunk)
        {
            _held = [];
        }
    }
}
