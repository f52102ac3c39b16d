using Gateway.Processes.Launching;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>A secret on its way to one program.</summary>
internal sealed record RunSecretBytes(string Variable, byte[] Value);

/// <summary>All descriptors of one run, ours and the child's, made together so that a failure leaves none behind.</summary>
internal sealed class RunPipes : IDisposable
{
    private readonly List<int> _childEnds = [];
    private StreamPump? _stdout;
    private StreamPump? _stderr;

    private RunPipes()
    {
    }

    public StreamPump Stdout => _stdout!;

    public StreamPump Stderr => _stderr!;

    public StdinFeed? Stdin { get; private set; }

    public int Wake { get; private set; } = -1;

    public int ChildStdin { get; private set; }

    public int ChildStdout { get; private set; }

    public int ChildStderr { get; private set; }

    public int ChildSecret { get; private set; } = -1;

    /// <exception cref="NativeException">No descriptors are left, or the spool cannot be written.</exception>
    public static RunPipes Open(string folder, RunSecretBytes? secret)
    {
        var pipes = new RunPipes();
        try
        {
            pipes.OpenAll(folder, secret);
            return pipes;
        }
        catch
        {
            pipes.CloseChildEnds();
            pipes.Dispose();
            throw;
        }
    }

    public void CloseChildEnds()
    {
        _childEnds.ForEach(Native.Close);
        _childEnds.Clear();
    }

    public void Dispose()
    {
        _stdout?.Dispose();
        _stderr?.Dispose();
        Stdin?.Dispose();
        Native.Close(Wake);
    }

    private void OpenAll(string folder, RunSecretBytes? secret)
    {
        Wake = Native.WakeDescriptor();
        (_stdout, ChildStdout) = Output(folder, SpoolStream.Stdout);
        (_stderr, ChildStderr) = Output(folder, SpoolStream.Stderr);
        var stdin = SpoolFolder.StdinPath(folder);
        if (File.Exists(stdin))
        {
            Stdin = new StdinFeed(stdin);
            ChildStdin = Stdin.ReadEnd;
            Stdin.Move();
        }
        else
        {
            ChildStdin = Mine(Native.Open("/dev/null", Native.ReadOnly));
        }

        if (secret is not null)
        {
            ChildSecret = Secret(secret.Value);
        }
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
