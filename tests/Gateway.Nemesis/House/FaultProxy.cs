using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Nemesis.House;

/// <summary>
/// Stands between one process and one server, and passes on what comes, until it is told to cut, to hold, to reset after
/// some bytes, or to let a commit through and its answer not.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly byte[] CommitMessage = "COMMIT\0"u8.ToArray();

    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Connection, bool> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile bool _cut;
    private volatile TaskCompletionSource? _heldUp;
    private volatile TaskCompletionSource? _heldDown;
    private long _bytesLeft = long.MaxValue;
    private int _commits;

    public FaultProxy(string name, int target)
    {
        (Name, _target) = (name, target);
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    public string Name { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets that came from a byte count, and commits whose answer was dropped, so far.</summary>
    public (int Resets, int Commits) Done { get; private set; }

    /// <summary>Every connection is reset, and each new one at once, until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        _cut = true;
        ResetAll();
    }

    /// <summary>Nothing is passed on any more, nothing is closed: half open, one way or both, until <see cref="Heal"/>.</summary>
    public void Hold(bool towardsServer, bool towardsClient)
    {
        _heldUp = towardsServer ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _heldUp;
        _heldDown = towardsClient ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _heldDown;
    }

    /// <summary>After so many bytes, in the middle of whatever it is, the connection that carries them is reset. Once.</summary>
    public void ResetAfter(long bytes) => Interlocked.Exchange(ref _bytesLeft, bytes);

    /// <summary>The next commits reach the database, and their answers do not come back: the connection is reset instead.</summary>
    public void HideCommits(int count) => Interlocked.Exchange(ref _commits, count);

    public void Heal()
    {
        _cut = false;
        Interlocked.Exchange(ref _bytesLeft, long.MaxValue);
        Interlocked.Exchange(ref _commits, 0);
        (var up, var down, _heldUp, _heldDown) = (_heldUp, _heldDown, null, null);
        up?.TrySetResult();
        down?.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Heal();
        ResetAll();
        await _accepting;
        _stopping.Dispose();
    }

    private void ResetAll()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Reset();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                continue;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var connection = new Connection(client, new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _open.TryAdd(connection, true);
        try
        {
            if (!_cut)
            {
                (client.NoDelay, connection.Server.NoDelay) = (true, true);
                await connection.Server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                await Task.WhenAny(PassAsync(connection, client, connection.Server, up: true), PassAsync(connection, connection.Server, client, up: false));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is away, or this one stops: the client sees a reset.
        }
        finally
        {
            _open.TryRemove(connection, out _);
            connection.Reset();
        }
    }

    private async Task PassAsync(Connection connection, Socket from, Socket to, bool up)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stopping.Token) is var count and > 0)
            {
                if ((up ? _heldUp : _heldDown) is { } held)
                {
                    await held.Task.WaitAsync(_stopping.Token);
                }

                if (_cut || (!up && connection.HidesAnswer))
                {
                    return;
                }

                var allowed = Math.Min(count, Interlocked.Add(ref _bytesLeft, -count) + count);
                HideIfCommit(connection, buffer.AsSpan(0, count), up);
                if (allowed > 0)
                {
                    await to.SendAsync(buffer.AsMemory(0, (int)allowed), SocketFlags.None, _stopping.Token);
                }

                if (allowed < count)
                {
                    Interlocked.Exchange(ref _bytesLeft, long.MaxValue);
                    Done = (Done.Resets + 1, Done.Commits);
                    return;
                }
            }

            // One side has said goodbye in good order; the other shall hear it so.
            to.Shutdown(SocketShutdown.Send);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, _stopping.Token);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
    }

    private void HideIfCommit(Connection connection, ReadOnlySpan<byte> sent, bool up)
    {
        if (up && Volatile.Read(ref _commits) > 0 && sent.IndexOf(CommitMessage) >= 0 && Interlocked.Decrement(ref _commits) >= 0)
        {
            connection.HidesAnswer = true;
            Done = (Done.Resets, Done.Commits + 1);
        }
    }

    /// <summary>A client and the server that it was given.</summary>
    private sealed class Connection(Socket client, Socket server)
    {
        public Socket Server => server;

        public volatile bool HidesAnswer;

        public void Reset()
        {
            foreach (var socket in (Socket[])[client, server])
            {
                try
                {
                    // Not a goodbye: what a peer sees when a machine or a firewall cuts in.
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
                {
                    continue;
                }
                finally
                {
                    socket.Dispose();
                }
            }
        }
    }
}
