using Gateway.Processes.Launching;

namespace Gateway.Processes.Spool;

/// <summary>Carries one output pipe of a run into its spool file.</summary>
internal sealed class StreamPump : IDisposable
{
    private readonly int _file;
    private int _pipe;
    private long _length;

    /// <param name="pipe">Read end of the pipe; closed with the pump.</param>
    /// <param name="path">The spool file; made anew.</param>
    public StreamPump(int pipe, string path)
    {
        _pipe = pipe;
        Native.SetNonBlocking(pipe);
        _file = Native.Open(path, Native.WriteOnly | Native.Create | Native.Truncate | Native.Append);
    }

    /// <summary>Descriptor to wait for; -1 once the stream has ended.</summary>
    public int Pipe => _pipe;

    /// <summary>Bytes in the spool file.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Bytes that were read and not kept.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether the disk refused bytes.</summary>
    public bool DiskFull { get; private set; }

    /// <summary>Moves what is there, at most one buffer; true if the stream said something.</summary>
    /// <param name="buffer">Scratch memory.</param>
    /// <param name="room">Bytes that may still be kept; all else is read and dropped, so that the program is not held up.</param>
    public bool Move(Span<byte> buffer, long room)
    {
        var count = Native.Read(_pipe, buffer);
        if (count is -Native.TryAgain or -Native.Interrupted)
        {
            return false;
        }

        if (count <= 0)
        {
            ClosePipe();
            return false;
        }

        var kept = DiskFull ? 0 : (int)Math.Min(count, Math.Max(room, 0));
        Keep(buffer[..kept]);
        Dropped += count - kept;
        return true;
    }

    public void Dispose()
    {
        ClosePipe();
        Native.Close(_file);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var written = Native.Write(_file, bytes);
            if (written is -Native.Interrupted)
            {
                continue;
            }

            if (written <= 0)
            {
                DiskFull = true;
                Dropped += bytes.Length;
                return;
            }

            bytes = bytes[written..];
            Interlocked.Add(ref _length, written);
        }
    }

    private void ClosePipe()
    {
        Native.Close(_pipe);
        _pipe = -1;
    }
}
