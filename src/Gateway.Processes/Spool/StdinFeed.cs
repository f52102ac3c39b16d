using Gateway.Processes.Launching;

namespace Gateway.Processes.Spool;

/// <summary>Feeds a run's stdin from its spool file, as fast as the program reads and never waiting for it.</summary>
internal sealed class StdinFeed : IDisposable
{
    private readonly int _file;
    private readonly int _readEnd;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _writeEnd;
    private int _from;
    private int _until;

    /// <param name="path">The spool file.</param>
    public StdinFeed(string path)
    {
        _file = Native.Open(path, Native.ReadOnly);
        try
        {
            (_readEnd, _writeEnd) = Native.Pipe();
        }
        catch (NativeException)
        {
            Native.Close(_file);
            throw;
        }

        Native.SetNonBlocking(_writeEnd);
    }

    /// <summary>
    /// The program's end. We keep a copy open for as long as the run lasts: what a program leaves unread can then be counted,
    /// and a program that closes its stdin early does not look different from one that reads slowly until it has ended.
    /// </summary>
    public int ReadEnd => _readEnd;

    /// <summary>Descriptor to wait for; -1 once all is written.</summary>
    public int WriteEnd => _writeEnd;

    /// <summary>Whether the program has taken every byte.</summary>
    public bool FullyRead => _writeEnd < 0 && Native.Unread(_readEnd) == 0;

    /// <summary>Writes until the pipe is full or the file has ended; then closes the program's stdin.</summary>
    public void Move()
    {
        while (_writeEnd >= 0)
        {
            if (_from == _until)
            {
                (_from, _until) = (0, Math.Max(Native.Read(_file, _buffer), 0));
                if (_until == 0)
                {
                    Native.Close(_writeEnd);
                    _writeEnd = -1;
                    return;
                }
            }

            var count = Native.Write(_writeEnd, _buffer.AsSpan(_from, _until - _from));
            if (count <= 0)
            {
                return;
            }

            _from += count;
        }
    }

    public void Dispose()
    {
        Native.Close(_writeEnd);
        Native.Close(_readEnd);
        Native.Close(_file);
        _writeEnd = -1;
    }
}
