using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Gateway.Benchmarks.House;

/// <summary>What the stand-ins say, with the time at which it came: a named pipe outlives every process that is killed.</summary>
internal sealed class Signals : IDisposable
{
    private readonly FileStream _pipe;
    private readonly Channel<Signal> _signals = Channel.CreateUnbounded<Signal>();
    private readonly ConcurrentQueue<Signal> _all = new();

    private Signals(FileStream pipe)
    {
        _pipe = pipe;
        // A thread of its own: the time it takes must not wait for a pool.
        new Thread(Read) { IsBackground = true, Name = "signals", Priority = ThreadPriority.Highest }.Start();
    }

    /// <summary>All that was said so far.</summary>
    public IReadOnlyCollection<Signal> All => _all;

    public static async Task<Signals> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var mkfifo = Process.Start("mkfifo", ["-m", "600", path]);
        await mkfifo.WaitForExitAsync(cancellationToken);
        // Open in both directions: it neither waits for a writer nor ends with the last one.
        return new Signals(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
    }

    /// <summary>The next one that begins with a word.</summary>
    public async Task<Signal> NextAsync(string word, CancellationToken cancellationToken)
    {
        while (true)
        {
            var signal = await _signals.Reader.ReadAsync(cancellationToken);
            if (signal.Word == word)
            {
                return signal;
            }
        }
    }

    public void Dispose() => _pipe.Dispose();

    private void Read()
    {
        var buffer = new byte[4096];
        var rest = "";
        try
        {
            while (_pipe.Read(buffer) is > 0 and var count)
            {
                var at = TimeProvider.System.GetTimestamp();
                var lines = (rest + Encoding.ASCII.GetString(buffer, 0, count)).Split('\n');
                rest = lines[^1];
                foreach (var line in lines[..^1])
                {
                    var words = line.Split(' ', 2);
                    var signal = new Signal(words[0], words.Length > 1 ? words[1] : "", at);
                    _all.Enqueue(signal);
                    _signals.Writer.TryWrite(signal);
                }
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or IOException)
        {
            // The measurement is over.
        }
    }
}
