using Gateway.Contracts.Values;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Runs;

/// <summary>A run that has a slot of this worker, from before its claim until its outcome is stored. Safe for use by many threads.</summary>
/// <param name="key">The run.</param>
internal sealed class ActiveRun(RunKey key) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _dropped = new();
    private IRunner? _runner;
    private bool _cancelAsked;
    private volatile bool _granted;
    private volatile bool _jobEnded;

    /// <summary>The run.</summary>
    public RunKey Key { get; } = key;

    /// <summary>The run's id for the runner.</summary>
    public RunId Id => new(Key.JobId, Key.Attempt);

    /// <summary>What lines of the log about this run carry.</summary>
    public RunScope Scope { get; set; } = RunScope.Of(key, null);

    /// <summary>The run was granted: heartbeats name it.</summary>
    public bool Granted
    {
        get => _granted;
        set => _granted = value;
    }

    /// <summary>A receipt said that the job is final.</summary>
    public bool JobEnded
    {
        get => _jobEnded;
        set => _jobEnded = value;
    }

    /// <summary>Set when nothing of this run is wanted any more: it is ended and released, and nothing more is sent.</summary>
    public CancellationToken Dropped => _dropped.Token;

    /// <summary>The whole work on it, for whoever has to wait until it has stopped.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>Whether somebody wants it stopped.</summary>
    public bool CancelAsked
    {
        get
        {
            lock (_gate)
            {
                return _cancelAsked;
            }
        }
    }

    /// <summary>The runner that has it; null while it is not there yet.</summary>
    public IRunner? Runner
    {
        get
        {
            lock (_gate)
            {
                return _runner;
            }
        }
    }

    /// <summary>The runner has it.</summary>
    /// <param name="runner">The runner.</param>
    /// <returns>True when a cancel came before: it is to be stopped now.</returns>
    public bool Started(IRunner runner)
    {
        lock (_gate)
        {
            _runner = runner;
            return _cancelAsked;
        }
    }

    /// <summary>Somebody wants it stopped.</summary>
    /// <returns>The runner that has to be told; null while the run is not there yet.</returns>
    public IRunner? AskCancel()
    {
        lock (_gate)
        {
            _cancelAsked = true;
            return _runner;
        }
    }

    /// <summary>Nothing of this run is wanted any more.</summary>
    public void Drop()
    {
        try
        {
            _dropped.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Its work was done in the same moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _dropped.Dispose();
}
