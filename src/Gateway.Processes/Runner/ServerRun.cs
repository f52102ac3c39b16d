using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>A run in the runner's list: guarded while it lives, a stored state afterwards.</summary>
internal sealed class ServerRun
{
    private RunState _newest;

    public ServerRun(RunGuard guard) => (Guard, _newest) = (guard, guard.State);

    public ServerRun(RunState final) => _newest = final;

    public RunGuard? Guard { get; private set; }

    public bool IsFinished => State.End is not null;

    public RunState State
    {
        get
        {
            if (Guard is null)
            {
                return _newest;
            }

            var state = Guard.State;
            if (state.End is not null)
            {
                Guard.Dispose();
                Guard = null;
            }

            return _newest = state;
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
