namespace Gateway.Execution.Runs;

/// <summary>
/// Blots out a run's own key in a stream: CLIs repeat it when a provider refuses it, and tools of some can read it. Each byte of it
/// becomes an asterisk, so that nothing moves and offsets stay what they are. A key that lies across two pieces is found as well:
/// bytes at the end of a piece that may be its beginning are held back until more is there.
/// </summary>
internal sealed class KeyMask
{
    // A word so short stands in texts by chance.
    private const int LeastBytes = 8;
    private readonly byte[] _key;

    private KeyMask(byte[] key) => _key = key;

    /// <summary>Blots out nothing.</summary>
    public static KeyMask None { get; } = new([]);

    /// <summary>Blots out a key.</summary>
    /// <param name="key">The key; null or a very short one is left alone.</param>
    public static KeyMask Of(string? key) => key is not null && System.Text.Encoding.UTF8.GetBytes(key) is { Length: >= LeastBytes } bytes ? new KeyMask(bytes) : None;

    /// <summary>Blots the key out where the piece holds it whole.</summary>
    /// <param name="piece">Bytes of a stream; changed in place.</param>
    /// <param name="isLast">Nothing follows: nothing is held back.</param>
    /// <returns>How many bytes of the piece may go; the others are to come again at the beginning of the next piece.</returns>
    public int Apply(Span<byte> piece, bool isLast)
    {
        if (_key.Length == 0)
        {
            return piece.Length;
        }

        var done = 0;
        while (piece[done..].IndexOf(_key) is var at and >= 0)
        {
            piece.Slice(done + at, _key.Length).Fill((byte)'*');
            done += at + _key.Length;
        }

        if (isLast)
        {
            return piece.Length;
        }

        for (var held = Math.Min(_key.Length - 1, piece.Length - done); held > 0; held--)
        {
            if (piece[^held..].SequenceEqual(_key.AsSpan(0, held)))
            {
                return piece.Length - held;
            }
        }

        return piece.Length;
    }

    /// <summary>The text without the key.</summary>
    /// <param name="text">Words that a CLI or a server may have written.</param>
    public string? Apply(string? text) => text is null || _key.Length == 0
        ? text
        : text.Replace(System.Text.Encoding.UTF8.GetString(_key), new string('*', _key.Length), StringComparison.Ordinal);
}
