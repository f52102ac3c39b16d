using System.Text;

namespace Gateway.Execution.Conversations;

/// <summary>
/// Passes a text on with one id in the place of another. A conversation that was copied by its CLI would name the file that it was
/// copied from, or leave lines out; so a fork is this copy, and the CLI goes on with it as with its own.
/// </summary>
/// <param name="target">Receives the text.</param>
/// <param name="old">The id to be replaced, as its 36 characters.</param>
/// <param name="fresh">What takes its place.</param>
internal sealed class RenamingStream(Stream target, Guid old, Guid fresh) : Stream
{
    private readonly byte[] _old = Encoding.ASCII.GetBytes(old.ToString("d"));
    private readonly byte[] _fresh = Encoding.ASCII.GetBytes(fresh.ToString("d"));
    private byte[] _kept = [];

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        byte[] text = [.. _kept, .. buffer];
        for (var at = 0; text.AsSpan(at).IndexOf(_old) is var found and >= 0; at += found + _fresh.Length)
        {
            _fresh.CopyTo(text.AsSpan(at + found));
        }

        // The next piece may go on with an id that begins here.
        var keep = Math.Min(text.Length, _old.Length - 1);
        target.Write(text.AsSpan(0, text.Length - keep));
        _kept = text[^keep..];
    }

    /// <inheritdoc/>
    public override void Flush() => target.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            target.Write(_kept);
            _kept = [];
        }

        base.Dispose(disposing);
    }
}
