using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>A secret on its way to one program.</summary>
internal sealed record RunSecretBytes(string Variable, byte[] Value);

/// <summary>All descriptors of one run, ours and the child's, made together so that a failure leaves none behind.</summary>
internal sealed class RunPipes : IDisposable
{
    private readonly List<int> _childEnds = [];

    /// <exception cref="NativeException">No descriptors are left, or the spool cannot be written.</exception>
    public RunPipes(string folder, RunSecretBytes? secret)
    {
        try
        {
            Wake = Native.WakeDescriptor();
            (Stdout, ChildStdout) = Output(folder, SpoolStream.Stdout);
            (Stderr, ChildStderr) = Output(folder, SpoolStream.Stderr);
            ChildStdin = OpenStdin(SpoolFolder.StdinPath(folder));
            ChildSecret = secret is null ? -1 : Secret(secret.Value);
        }
        catch
        {
            CloseChildEnds();
            Dispose();
            throw;
        }
    }

    public StreamPump Stdout { get; }

    public StreamPump Stderr { get; }

    public StdinFeed? Stdin { get; private set; }

    public int Wake { get; } = -1;

    public int ChildStdin { get; }

    public int ChildStdout { get; }

    public int ChildStderr { get; }

    public int ChildSecret { get; } = -1;

    public void CloseChildEnds()
    {
        _childEnds.ForEach(Native.Close);
        _childEnds.Clear();
    }

    public void Dispose()
    {
        Stdout?.Dispose();
        Stderr?.Dispose();
        Stdin?.Dispose();
        Native.Close(Wake);
    }

    private int OpenStdin(string path)
    {
        if (!File.Exists(path))
        {
            return Mine(Native.Open("/dev/null", Native.ReadOnly));
        }

        Stdin = new StdinFeed(path);
        Stdin.Move();
        return Stdin.ReadEnd;
    }

    private (StreamPump Pump, int ChildEnd) Output(string folder, SpoolStream stream)
    {
        var (read, write) = Native.Pipe();
        _childEnds.Add(write);
        try
        {
            return (new StreamPump(read, SpoolFolder.StreamPath(folder, stream)), write);
        }
        catch (NativeException)
        {
            Native.Close(read);
            throw;
        }
    }

    // The whole secret fits into the pipe, and our write end is closed before the program runs: it reads it once, then end of file.
    private int Secret(byte[] value)
    {
        var (read, write) = Native.Pipe();
        _ = Mine(read);
        Native.SetNonBlocking(write);
        var written = Native.Write(write, value);
        Native.Close(write);
        return written == value.Length ? read : throw new NativeException("hand over the secret", Native.TooBig);
    }

    private int Mine(int descriptor)
    {
        _childEnds.Add(descriptor);
        return descriptor;
    }
}
