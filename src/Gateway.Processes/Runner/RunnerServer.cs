using Gateway.Processes.Launching;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>
/// The runner's loop: one thread that accepts workers, takes their orders and announces changes. Guards only mark their run
/// as changed and wake the loop, so the list of runs needs no lock.
/// </summary>
internal sealed partial class RunnerServer : IDisposable
{
    private const int ConnectionLimit = 8;
    private static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(5);

    private readonly RunnerMachine _machine;
    private readonly ListeningSocket _socket;
    private readonly TimeSpan _idleExit;
    private readonly RunnerIdentityFile _identity;
    private readonly RunnerInfo _info;
    private readonly RunStarter _starter;
    private readonly Dictionary<RunId, ServerRun> _runs;
    private readonly List<ServerConnection> _connections = [];
    private readonly HashSet<RunId> _dirty = [];
    private readonly int _wake = Native.WakeDescriptor();
    private ServerConnection? _worker;
    private long _idleSince;
    private volatile bool _ending;

    public RunnerServer(RunnerMachine machine, ListeningSocket socket, TimeSpan idleExit, RunnerInfo info, IEnumerable<RunState> found)
    {
        (_machine, _socket, _idleExit, _info) = (machine, socket, idleExit, info);
        _identity = new RunnerIdentityFile(machine.Folder);
        _starter = new RunStarter(machine);
        _runs = found.ToDictionary(state => state.Id, state => new ServerRun(state));
        _idleSince = machine.Clock.GetTimestamp();
    }

    /// <summary>Ends all runs and then the loop; from any thread.</summary>
    public void AskToEnd()
    {
        _ending = true;
        Native.Wake(_wake);
    }

    /// <summary>Serves until there is nothing to guard and nobody calls, or the end was asked for and every run has ended.</summary>
    public void Serve()
    {
        var stopped = false;
        while (!IsDone())
        {
            if (_ending && !stopped)
            {
                stopped = true;
                LogEnding(_machine.Logger, _runs.Count);
                foreach (var run in _runs.Values)
                {
                    run.Stop(EndGrace);
                }
            }

            Wait();
        }
    }

    public void Dispose()
    {
        _connections.ForEach(connection => connection.Dispose());
        Native.Close(_wake);
    }

    private bool IsDone()
    {
        if (_ending)
        {
            return _runs.Values.All(run => run.IsFinished);
        }

        if (_runs.Count > 0 || _connections.Count > 0)
        {
            _idleSince = _machine.Clock.GetTimestamp();
        }

        return _machine.Clock.GetElapsedTime(_idleSince) >= _idleExit;
    }

    private int IdleMilliseconds() => _runs.Count > 0 || _connections.Count > 0
        ? -1
        : (int)Math.Ceiling((_idleExit - _machine.Clock.GetElapsedTime(_idleSince)).TotalMilliseconds);

    private void Wait()
    {
        Span<Native.PollEntry> entries = stackalloc Native.PollEntry[ConnectionLimit + 2];
        entries[0] = new(_wake, Native.PollIn);
        entries[1] = new(_connections.Count < ConnectionLimit ? _socket.Descriptor : -1, Native.PollIn);
        var count = 2;
        foreach (var connection in _connections)
        {
            entries[count++] = new(connection.Descriptor, (short)(Native.PollIn | (connection.IsBehind ? Native.PollOut : 0)));
        }

        _ = Native.Poll(entries[..count], IdleMilliseconds());
        foreach (var (connection, seen) in Seen(entries[2..count]))
        {
            Attend(connection, seen);
        }

        if (entries[1].Seen != 0 && _socket.Accept() is { } descriptor)
        {
            _connections.Add(new ServerConnection(descriptor));
        }

        if (entries[0].Seen != 0)
        {
            Native.ClearWake(_wake);
        }

        Announce();
    }

    private List<(ServerConnection Connection, short Seen)> Seen(ReadOnlySpan<Native.PollEntry> entries)
    {
        List<(ServerConnection, short)> seen = new(1);
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Seen != 0)
            {
                seen.Add((_connections[i], entries[i].Seen));
            }
        }

        return seen;
    }

    private void Attend(ServerConnection connection, short seen)
    {
        if (!_connections.Contains(connection))
        {
            return;
        }

        try
        {
            if ((seen & Native.PollOut) != 0)
            {
                connection.Flush();
            }

            if ((seen & ~Native.PollOut) != 0)
            {
                connection.Receive();
            }

            while (_connections.Contains(connection) && connection.TryTake(out var request))
            {
                Handle(connection, request);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            // Not our protocol, or the disk is too full to count an attach. Whatever one worker's call meets, the runs must not fall with it.
            LogBadFrame(_machine.Logger, fault.Message);
            Drop(connection);
        }

        if (connection.IsBroken)
        {
            Drop(connection);
        }
    }

    private void Drop(ServerConnection connection)
    {
        if (_connections.Remove(connection))
        {
            connection.Dispose();
        }

        _worker = _worker == connection ? null : _worker;
    }

    private void Handle(ServerConnection connection, RunnerRequest request)
    {
        if (request.Kind == RequestKind.Hello)
        {
            Welcome(connection, request);
        }
        else if (connection != _worker)
        {
            Refuse(connection, request, "The first message must be a hello.");
        }
        else if (request.Kind == RequestKind.Start)
        {
            Start(connection, request);
        }
        else
        {
            Order(connection, request);
        }
    }

    private void Welcome(ServerConnection connection, RunnerRequest hello)
    {
        if (hello.Version != RunnerRequest.ProtocolVersion)
        {
            Refuse(connection, hello, $"The runner speaks protocol version {RunnerRequest.ProtocolVersion}, the worker version {hello.Version}. End the runner (process {_info.ProcessId}) when its runs are done.");
            Drop(connection);
            return;
        }

        if (_worker is { } older && older != connection)
        {
            older.Send(new RunnerReply { Kind = ReplyKind.Superseded, Error = "A newer worker has attached to this runner." });
            Drop(older);
        }

        var identity = _identity.RaiseEpoch();
        _worker = connection;
        LogAttached(_machine.Logger, identity.Epoch, _runs.Count);
        connection.Send(new RunnerReply
        {
            Kind = ReplyKind.Welcome,
            Sequence = hello.Sequence,
            WorkerId = identity.WorkerId,
            Epoch = identity.Epoch,
            Info = _info,
            Runs = [.. _runs.Values.Select(run => run.State)],
        });
    }

    private void Start(ServerConnection connection, RunnerRequest request)
    {
        var fault = _ending ? "The runner is ending." : request.Spec is { } order ? order.Fault() : "The order holds no run.";
        if (fault is not null || request.Spec is not { } spec)
        {
            _starter.Forget(request.StdinFile);
            Refuse(connection, request, fault ?? string.Empty);
            return;
        }

        if (_runs.TryGetValue(spec.Id, out var run))
        {
            _starter.Forget(request.StdinFile);
        }
        else
        {
            var secret = request.SecretVariable is { } variable ? new RunSecretBytes(variable, request.SecretValue ?? []) : null;
            run = _starter.Start(spec, request.StdinFile, secret, () => MarkDirty(spec.Id));
            _runs.Add(spec.Id, run);
            Array.Clear(request.SecretValue ?? []);
        }

        Done(connection, request, run.State);
    }

    private void Order(ServerConnection connection, RunnerRequest request)
    {
        foreach (var id in request.Runs ?? [])
        {
            if (!_runs.TryGetValue(id, out var run))
            {
                continue;
            }

            if (request.Kind == RequestKind.Renew)
            {
                run.Renew(request.Span);
            }
            else if (request.Kind == RequestKind.Stop)
            {
                run.Stop(request.Span);
            }
            else if (!run.IsFinished)
            {
                Refuse(connection, request, $"Run {id} has not ended, so it cannot be released.");
                return;
            }
            else
            {
                Release(id);
            }
        }

        Done(connection, request);
    }

    private void Release(RunId id)
    {
        _runs.Remove(id);
        try
        {
            Directory.Delete(SpoolFolder.Run(_machine.Folder, id), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Never made, for want of space.
        }
        catch (IOException fault)
        {
            LogNotRemoved(_machine.Logger, id.JobId, id.Attempt, fault.Message);
        }
    }

    private void MarkDirty(RunId id)
    {
        lock (_dirty)
        {
            if (!_dirty.Add(id))
            {
                return;
            }
        }

        Native.Wake(_wake);
    }

    // A worker that is behind gets no more until it has caught up, and then the newest state of each run once: what waits is bounded.
    private void Announce()
    {
        if (_worker is { IsBehind: true })
        {
            return;
        }

        RunId[] changed;
        lock (_dirty)
        {
            changed = [.. _dirty];
            _dirty.Clear();
        }

        var states = changed.Where(_runs.ContainsKey).Select(id => _runs[id].State).ToList();
        if (states.Count > 0)
        {
            _worker?.Send(new RunnerReply { Kind = ReplyKind.Changed, Runs = states });
        }
    }

    private static void Done(ServerConnection connection, RunnerRequest request, RunState? state = null) =>
        connection.Send(new RunnerReply { Kind = ReplyKind.Done, Sequence = request.Sequence, Runs = state is null ? null : [state] });

    private static void Refuse(ServerConnection connection, RunnerRequest request, string why) =>
        connection.Send(new RunnerReply { Kind = ReplyKind.Refused, Sequence = request.Sequence, Error = why });

    [LoggerMessage(210, LogLevel.Information, "Worker attached as epoch {Epoch}; {Runs} runs in the spool.")]
    private static partial void LogAttached(ILogger logger, long epoch, int runs);

    [LoggerMessage(211, LogLevel.Warning, "A connection was closed: {Fault}")]
    private static partial void LogBadFrame(ILogger logger, string fault);

    [LoggerMessage(212, LogLevel.Information, "The end was asked for; {Runs} runs are stopped.")]
    private static partial void LogEnding(ILogger logger, int runs);

    [LoggerMessage(213, LogLevel.Warning, "{JobId} attempt {Attempt} was released, but its folder could not be removed: {Fault}")]
    private static partial void LogNotRemoved(ILogger logger, Guid jobId, int attempt, string fault);
}
