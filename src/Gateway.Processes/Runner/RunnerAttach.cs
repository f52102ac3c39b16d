using System.Net.Sockets;
using System.Text;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>Finds the folder's runner, or starts one, and greets it.</summary>
internal sealed class RunnerAttach(RunnerOptions options, TimeProvider clock, ILogger logger)
{
    // A runner may end for idleness between our start and our hello, and two workers may start one at once.
    private const int Tries = 3;

    /// <exception cref="RunnerException">It cannot be started or reached, or refuses.</exception>
    public async Task<(RunnerChannel Channel, RunnerReply Welcome)> AttachAsync(CancellationToken cancellationToken)
    {
        PrepareFolder();
        using var limit = new CancellationTokenSource(options.StartTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            for (var i = 0; ; i++)
            {
                if (await TryGreetAsync(linked.Token).ConfigureAwait(false) is { } attached)
                {
                    return attached;
                }

                if (i == Tries)
                {
                    throw new RunnerException($"The runner in {options.Folder} ends before it can be greeted; see runner.log there.");
                }

                await new RunnerStart(options, logger).StartAsync(linked.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunnerException($"The runner in {options.Folder} did not answer within {options.StartTimeout.TotalSeconds:0.#} s; see runner.log there.", late);
        }
    }

    private void PrepareFolder()
    {
        var bytes = Encoding.UTF8.GetByteCount(options.SocketPath);
        if (bytes > RunnerOptions.SocketPathLimitBytes)
        {
            throw new RunnerException(
                $"The runner's socket path {options.SocketPath} has {bytes} bytes; the limit of a Unix socket is {RunnerOptions.SocketPathLimitBytes}. Set {nameof(RunnerOptions)}.{nameof(RunnerOptions.Folder)} to a shorter path.");
        }

        try
        {
            SpoolFolder.Make(options.Folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException($"The runner's folder {options.Folder} cannot be used: {fault.Message}", fault);
        }
    }

    private async Task<(RunnerChannel Channel, RunnerReply Welcome)?> TryGreetAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var channel = default(RunnerChannel);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(options.SocketPath), cancellationToken).ConfigureAwait(false);
            channel = new RunnerChannel(new NetworkStream(socket, ownsSocket: true));
            var welcome = await channel.GreetAsync(cancellationToken).ConfigureAwait(false);
            return (channel, welcome);
        }
        catch (Exception absent) when (absent is SocketException or IOException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
