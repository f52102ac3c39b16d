namespace Gateway.Processes.Spool;

/// <summary>
/// A run as the spool shows it: its folder, how many bytes of each stream are there, and its end. Fed by the runner's
/// announcements; a reader must trust the files only up to the announced lengths. Safe for use by many threads.
/// </summary>
public sealed class SpooledRun
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = NewSignal();
    private RunState _state;

    internal SpooledRun(string directory, RunState state)
    {
        Directory = directory;
        _state = state;
    }

    /// <summary>Which run it is.</summary>
    public RunId Id => Read().Id;

    /// <summary>Folder of the run in the spool.</summary>
    public string Directory { get; }

    /// <summary>Bytes of stdout that can be read now.</summary>
    public long StdoutLength => Read().StdoutBytes;

    /// <summary>Bytes of stderr that can be read now.</summary>
    public long StderrLength => Read().StderrBytes;

    /// <summary>When the program was started; null when it never was.</summary>
    public DateTimeOffset? StartedAt => Read().StartedAt;

    /// <summary>How the run ended; null while it runs.</summary>
    public RunEnd? End => Read().End;

    /// <summary>
    /// Completes as soon as more bytes are there than the caller has seen, or the run has ended. Compares under a lock, so
    /// no wake-up is lost. It does not end by itself when the runner is gone: wait for <see cref="Runner.RunnerClient.Closed"/> beside it.
    /// </summary>
    /// <param name="seenStdout">Bytes of stdout that the caller has.</param>
    /// <param name="seenStderr">Bytes of stderr that the caller has.</param>
    /// <param name="cancellationToken">Ends the waiting, not the run.</param>
    public async Task WaitForChangeAsync(long seenStdout, long seenStderr, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_state.End is not null || _state.StdoutBytes > seenStdout || _state.StderrBytes > seenStderr)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a stream's spool file for reading while the runner may still write it.</summary>
    /// <exception cref="IOException">The run was released or its folder cannot be read.</exception>
    public FileStream OpenRead(SpoolStream stream) => new(
        SpoolFolder.StreamPath(Directory, stream),
        FileMode.Open,
        FileAccess.Read,
        FileShare.ReadWrite | FileShare.Delete,
        bufferSize: 0,
        FileOptions.Asynchronous);

    internal void Update(RunState state)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_state.End is not null)
            {
                return;
            }

            _state = state;
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunState Read()
    {
        lock (_gate)
        {
            return _state;
        }
    }
}
