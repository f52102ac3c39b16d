using System.Collections.Concurrent;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>A worker's connection to its runner. The runs go on when it is disposed. Safe for use by many threads.</summary>
public sealed partial class RunnerClient : IAsyncDisposable
{
    private const int StdinLimitBytes = 16 << 20;
    private const int SecretLimitBytes = 64 << 10;

    private readonly RunnerOptions _options;
    private readonly RunnerChannel _channel;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<RunId, SpooledRun> _runs = new();
    private readonly Task _listening;

    private RunnerClient(RunnerOptions options, RunnerChannel channel, RunnerReply welcome, ILogger logger)
    {
        (_options, _channel, _logger) = (options, channel, logger);
        Info = welcome.Info ?? throw new RunnerException("The runner did not say who it is.");
        (WorkerId, Epoch) = (welcome.WorkerId, welcome.Epoch);
        Apply(welcome.Runs);
        _listening = ListenAsync();
    }

    /// <summary>Which runner answered.</summary>
    public RunnerInfo Info { get; }

    /// <summary>Identity of the runner's folder, and by it of the worker.</summary>
    public Guid WorkerId { get; }

    /// <summary>Number of this attach; only the newest is served.</summary>
    public long Epoch { get; }

    /// <summary>All runs in the spool that are not released, finished ones included.</summary>
    public IReadOnlyList<SpooledRun> Runs => [.. _runs.Values];

    /// <summary>Completes (never faults) when the connection is gone: runner ended, or a newer worker attached. The caller attaches again.</summary>
    public Task Closed => _listening;

    /// <summary>Starts the runner if none is there, attaches to it and raises the epoch.</summary>
    /// <exception cref="RunnerException">It cannot be started or reached, or speaks another version.</exception>
    public static async Task<RunnerClient> AttachAsync(RunnerOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var (channel, welcome) = await new RunnerAttach(options, clock, logger).AttachAsync(cancellationToken).ConfigureAwait(false);
        var client = new RunnerClient(options, channel, welcome, logger);
        LogAttached(logger, client.Info.ProcessId, client.Info.Containment, client.Epoch, client._runs.Count);
        return client;
    }

    /// <summary>Starts a run, or gives the run that has this id already, finished or not. A program that cannot be started is a run with an end, not an exception.</summary>
    /// <exception cref="ArgumentException">A text holds NUL, a path is not absolute, or a size is out of range.</exception>
    /// <exception cref="RunnerException">The connection is gone; whether the run was started is unknown: attach and look.</exception>
    public async Task<SpooledRun> StartAsync(StartRun run, CancellationToken cancellationToken)
    {
        var spec = RunSpec.From(run);
        if (FaultOf(run, spec) is { } fault)
        {
            throw new ArgumentException(fault, nameof(run));
        }

        if (_runs.TryGetValue(run.Id, out var known))
        {
            return known;
        }

        _ = await _channel.CallAsync(
            new RunnerRequest
            {
                Kind = RequestKind.Start,
                Spec = spec,
                StdinFile = await WriteStdinAsync(run, cancellationToken).ConfigureAwait(false),
                SecretVariable = run.Secret?.EnvironmentVariable,
                SecretValue = run.Secret?.Value.ToArray(),
            },
            cancellationToken).ConfigureAwait(false);
        return _runs.TryGetValue(run.Id, out var started) ? started : throw new RunnerException($"The runner took run {run.Id} and did not tell its state.");
    }

    /// <summary>Moves the deadline of these runs to <paramref name="fromNow"/>; unknown and finished ones are ignored.</summary>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public Task RenewAsync(IReadOnlyList<RunId> runs, TimeSpan fromNow, CancellationToken cancellationToken) =>
        _channel.CallAsync(new RunnerRequest { Kind = RequestKind.Renew, Runs = runs, Span = fromNow }, cancellationToken);

    /// <summary>Asks a run to stop: signal to the program, <paramref name="grace"/>, kill of the tree. Returns when the runner has taken the order; the end comes through the run.</summary>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public Task StopAsync(RunId run, TimeSpan grace, CancellationToken cancellationToken) =>
        _channel.CallAsync(new RunnerRequest { Kind = RequestKind.Stop, Runs = [run], Span = grace }, cancellationToken);

    /// <summary>Removes a finished run's folder; an unknown one is fine.</summary>
    /// <exception cref="RunnerException">The connection is gone, or the run is not finished.</exception>
    public async Task ReleaseAsync(RunId run, CancellationToken cancellationToken)
    {
        _ = await _channel.CallAsync(new RunnerRequest { Kind = RequestKind.Release, Runs = [run] }, cancellationToken).ConfigureAwait(false);
        _ = _runs.TryRemove(run, out _);
    }

    /// <summary>Lets the connection go; the runs go on until their deadline.</summary>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
    }

    private static string? FaultOf(StartRun run, RunSpec spec) =>
        run.Stdin.Length > StdinLimitBytes ? $"The stdin of {run.Stdin.Length} bytes is above the limit of {StdinLimitBytes}."
        : run.Secret is { } secret && (secret.Value.Length > SecretLimitBytes || secret.EnvironmentVariable.Length == 0 || secret.EnvironmentVariable.AsSpan().IndexOfAny('\0', '=') >= 0)
            ? $"The secret is above {SecretLimitBytes} bytes, or its variable's name is no name."
            : spec.Fault();

    // Beside the socket, not through it: a prompt of megabytes would have to pass the runner's memory as text.
    private async Task<string?> WriteStdinAsync(StartRun run, CancellationToken cancellationToken)
    {
        if (run.Stdin.IsEmpty)
        {
            return null;
        }

        var name = run.Id.FolderName + "-" + Guid.NewGuid().ToString("N");
        try
        {
            var file = new FileStream(Path.Combine(SpoolFolder.Incoming(_options.Folder), name), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(run.Stdin, cancellationToken).ConfigureAwait(false);
            }

            return name;
        }
        catch (IOException fault)
        {
            throw new RunnerException("The stdin could not be put into the spool: " + fault.Message, fault);
        }
    }

    private async Task ListenAsync()
    {
        var why = await _channel.ListenAsync(reply => Apply(reply.Runs)).ConfigureAwait(false);
        LogClosed(_logger, Info.ProcessId, Epoch, why);
    }

    // Called by the listening loop before an answer reaches its caller, so a started run is in the list when StartAsync looks.
    private void Apply(IReadOnlyList<RunState>? states)
    {
        foreach (var state in states ?? [])
        {
            _runs.GetOrAdd(state.Id, static (id, arguments) => new SpooledRun(SpoolFolder.Run(arguments.Folder, id), arguments.State), (_options.Folder, State: state))
                .Update(state);
        }
    }

    [LoggerMessage(240, LogLevel.Information, "Attached to runner {ProcessId} ({Containment}) as epoch {Epoch}; {Runs} runs in its spool.")]
    private static partial void LogAttached(ILogger logger, int processId, string containment, long epoch, int runs);

    [LoggerMessage(241, LogLevel.Information, "Connection to runner {ProcessId}, epoch {Epoch}, was closed: {Reason}")]
    private static partial void LogClosed(ILogger logger, int processId, long epoch, string reason);
}
