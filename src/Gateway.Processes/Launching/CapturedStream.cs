namespace Gateway.Processes.Launching;

/// <summary>One output pipe of a short program, kept in memory up to a limit.</summary>
internal sealed class CapturedStream : IDisposable
{
    private readonly MemoryStream _kept = new();
    private readonly byte[] _buffer = new byte[8 * 1024];
    private readonly int _maxBytes;

    public CapturedStream(int maxBytes)
    {
        _maxBytes = maxBytes;
        (Pipe, ChildEnd) = Native.Pipe();
        Native.SetNonBlocking(Pipe);
    }

    /// <summary>Descriptor to wait for; -1 once the stream has ended.</summary>
    public int Pipe { get; private set; }

    public int ChildEnd { get; private set; }

    public bool IsTruncated { get; private set; }

    public byte[] ToArray() => _kept.ToArray();

    public void Move()
    {
        var count = Native.Read(Pipe, _buffer);
        if (count is -Native.TryAgain or -Native.Interrupted)
        {
            return;
        }

        if (count <= 0)
        {
            Native.Close(Pipe);
            Pipe = -1;
            return;
        }

        var room = (int)Math.Min(count, _maxBytes - _kept.Length);
        _kept.Write(_buffer, 0, room);
        IsTruncated |= room < count;
    }

    public void CloseChildEnd()
    {
        Native.Close(ChildEnd);
        ChildEnd = -1;
    }

    public void Dispose()
    {
        Native.Close(Pipe);
        CloseChildEnd();
        _kept.Dispose();
    }
}
