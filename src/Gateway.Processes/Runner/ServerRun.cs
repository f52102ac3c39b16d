using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>A run in the runner's list: guarded while it lives, a stored state afterwards.</summary>
internal sealed class ServerRun
{
    private RunState? _final;

    public ServerRun(RunGuard guard) => Guard = guard;

    public ServerRun(RunState final) => _final = final;

    public RunGuard? Guard { get; private set; }

    public bool IsFinished => State.End is not null;

    public RunState State
    {
        get
        {
            if (_final is null && Guard!.State is { End: not null } ended)
            {
                _final = ended;
                Guard.Dispose();
                Guard = null;
            }

            return _final ?? Guard!.State;
        }
    }

    /// <summary>Moves the deadline of a living run.</summary>
    public void Renew(TimeSpan fromNow)
    {
        if (!IsFinished)
        {
            Guard?.Renew(fromNow);
        }
    }

    /// <summary>Asks a living run to end.</summary>
    public void Stop(TimeSpan grace)
    {
        if (!IsFinished)
        {
            Guard?.Stop(grace);
        }
    }
}
