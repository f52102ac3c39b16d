using System.Text;

namespace Gateway.Execution.Runs;

/// <summary>
/// Blots out what a run was given in confidence in a stream: its own key, and the values of its MCP servers. CLIs repeat a key when a
/// provider refuses it, and tools of some can read it. Each byte becomes an asterisk, so that nothing moves and offsets stay what they
/// are. What lies across two pieces is found as well: bytes at the end of a piece that may be its beginning are held back until more is
/// there.
/// </summary>
internal sealed class KeyMask
{
    // A word so short stands in texts by chance.
    private const int LeastBytes = 8;
    private readonly byte[][] _keys;

    private KeyMask(byte[][] keys) => _keys = keys;

    /// <summary>Blots out nothing.</summary>
    public static KeyMask None { get; } = new([]);

    /// <summary>Blots out keys.</summary>
    /// <param name="keys">The keys; null and very short ones are left alone.</param>
    public static KeyMask Of(params IEnumerable<string?> keys) => new(
        [.. keys.OfType<string>().Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes).Where(key => key.Length >= LeastBytes).OrderByDescending(key => key.Length)]);

    /// <summary>Blots the keys out where the piece holds them whole.</summary>
    /// <param name="piece">Bytes of a stream; changed in place.</param>
    /// <param name="isLast">Nothing follows: nothing is held back.</param>
    /// <returns>How many bytes of the piece may go; the others are to come again at the beginning of the next piece.</returns>
    public int Apply(Span<byte> piece, bool isLast)
    {
        foreach (var key in _keys)
        {
            Blot(piece, key);
        }

        // Only now: what one of them has blotted out is the beginning of no other.
        var held = 0;
        foreach (var key in isLast ? [] : _keys)
        {
            held = Math.Max(held, HeldOf(piece, key));
        }

        return piece.Length - held;
    }

    /// <summary>The text without the keys.</summary>
    /// <param name="text">Words that a CLI or a server may have written.</param>
    public string? Apply(string? text) => text is null
        ? null
        : _keys.Aggregate(text, (left, key) => left.Replace(Encoding.UTF8.GetString(key), new string('*', key.Length), StringComparison.Ordinal));

    private static void Blot(Span<byte> piece, byte[] key)
    {
        for (var done = 0; piece[done..].IndexOf(key) is var at and >= 0; done += at + key.Length)
        {
            piece.Slice(done + at, key.Length).Fill((byte)'*');
        }
    }

    // How many bytes at the end may be the beginning of the key.
    private static int HeldOf(ReadOnlySpan<byte> piece, byte[] key)
    {
        for (var held = Math.Min(key.Length - 1, piece.Length); held > 0; held--)
        {
            if (piece[^held..].SequenceEqual(key.AsSpan(0, held)))
            {
                return held;
            }
        }

        return 0;
    }
}
