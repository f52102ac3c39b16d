using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Gateway.Processes.Runner;

/// <summary>The worker's end of the socket: requests with their answers, and announcements in between.</summary>
internal sealed class RunnerChannel(NetworkStream stream) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<RunnerReply>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private long _sequence;
    private volatile string? _closed;

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="RunnerException">The connection is gone, or the runner refused.</exception>
    public async Task<RunnerReply> CallAsync(RunnerRequest request, CancellationToken cancellationToken)
    {
        var sequence = Interlocked.Increment(ref _sequence);
        var answer = new TaskCompletionSource<RunnerReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[sequence] = answer;
        try
        {
            await SendAsync(request with { Sequence = sequence }, cancellationToken).ConfigureAwait(false);
            if (_closed is { } why)
            {
                throw new RunnerException(why);
            }

            var reply = await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return reply.Kind == ReplyKind.Refused ? throw new RunnerException(reply.Error ?? "The runner refused.") : reply;
        }
        finally
        {
            _ = _waiting.TryRemove(sequence, out _);
        }
    }

    /// <summary>Sends the hello and reads its answer; before <see cref="ListenAsync"/>.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    /// <exception cref="RunnerException">The runner refused.</exception>
    public async Task<RunnerReply> GreetAsync(CancellationToken cancellationToken)
    {
        var hello = new RunnerRequest { Kind = RequestKind.Hello, Version = RunnerRequest.ProtocolVersion };
        await stream.WriteAsync(RunnerFrame.Encode(hello, RunnerJson.Default.RunnerRequest), cancellationToken).ConfigureAwait(false);
        var reply = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return reply.Kind == ReplyKind.Welcome ? reply : throw new RunnerException(reply.Error ?? "The runner did not welcome this worker.");
    }

    /// <summary>Hands every message to <paramref name="seen"/> and then to its caller, until the connection is gone.</summary>
    /// <returns>Why it is gone.</returns>
    public async Task<string> ListenAsync(Action<RunnerReply> seen)
    {
        await Task.Yield();
        try
        {
            while (_closed is null)
            {
                var reply = await ReadAsync(CancellationToken.None).ConfigureAwait(false);
                seen(reply);
                if (reply.Kind == ReplyKind.Superseded)
                {
                    _closed = reply.Error ?? "A newer worker has attached.";
                }
                else if (_waiting.TryRemove(reply.Sequence, out var caller))
                {
                    _ = caller.TrySetResult(reply);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or InvalidDataException or ObjectDisposedException)
        {
            _closed ??= "The connection to the runner is gone: " + gone.Message;
        }

        foreach (var caller in _waiting.Values)
        {
            _ = caller.TrySetException(new RunnerException(_closed));
        }

        return _closed;
    }

    public async ValueTask DisposeAsync()
    {
        _closed ??= "This worker let the connection go.";
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(RunnerRequest request, CancellationToken cancellationToken)
    {
        var frame = RunnerFrame.Encode(request, RunnerJson.Default.RunnerRequest);
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Never cancelled halfway: half a frame would break the connection for all others.
            await stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw new RunnerException(_closed ?? "The connection to the runner is gone: " + gone.Message, gone);
        }
        finally
        {
            Array.Clear(frame);
            _ = _sending.Release();
        }
    }

    private async Task<RunnerReply> ReadAsync(CancellationToken cancellationToken)
    {
        var header = new byte[RunnerFrame.HeaderBytes];
        await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var body = new byte[RunnerFrame.Length(header)];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return RunnerFrame.Decode(body, RunnerJson.Default.RunnerReply);
    }
}
