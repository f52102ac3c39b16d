using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>
/// The four timers of one run (wall, silence, deadline, grace) on the monotonic clock. Times are counted from the run's start.
/// Orders come from other threads; the rest is used by the run's own thread.
/// </summary>
internal sealed class RunClock
{
    // Far enough for any run, near enough to be added to.
    private static readonly TimeSpan Never = TimeSpan.FromDays(36500);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly RunSpec _spec;
    private TimeSpan _deadlineAt;
    private TimeSpan? _stopGrace;
    private TimeSpan _spokeAt;
    private TimeSpan? _killAt;

    public RunClock(RunSpec spec, TimeProvider clock)
    {
        _spec = spec;
        _clock = clock;
        _began = clock.GetTimestamp();
        _deadlineAt = Bounded(spec.Deadline);
    }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_began);

    /// <summary>Why the run is being ended; null while it is left alone.</summary>
    public RunEndReason? Reason { get; private set; }

    /// <summary>Whether the time of grace is over.</summary>
    public bool MustKill => _killAt <= Elapsed;

    public void Renew(TimeSpan fromNow)
    {
        lock (_gate)
        {
            _deadlineAt = Elapsed + Bounded(fromNow);
        }
    }

    public void AskToStop(TimeSpan grace)
    {
        lock (_gate)
        {
            _stopGrace = _stopGrace is { } earlier && earlier < grace ? earlier : Bounded(grace);
        }
    }

    public void Spoke() => _spokeAt = Elapsed;

    /// <summary>Notes the first cause to end the run, and the moment to kill it.</summary>
    public void End(RunEndReason reason, TimeSpan grace)
    {
        Reason ??= reason;
        var killAt = Elapsed + Bounded(grace);
        _killAt = _killAt is { } earlier && earlier < killAt ? earlier : killAt;
    }

    /// <summary>Looks at timers and orders; ends the run where one is due.</summary>
    public void Check()
    {
        var now = Elapsed;
        var (deadlineAt, stopGrace) = TakeOrders();
        if (now >= deadlineAt)
        {
            // Nobody is known to hold the lease any more: no grace, the next attempt may be about to start elsewhere.
            End(RunEndReason.Deadline, TimeSpan.Zero);
        }

        if (stopGrace is { } grace)
        {
            End(RunEndReason.Stopped, grace);
        }

        if (Reason is null && now >= Bounded(_spec.Timeout))
        {
            End(RunEndReason.Timeout, _spec.StopGrace);
        }

        if (Reason is null && now >= _spokeAt + Bounded(_spec.IdleTimeout))
        {
            End(RunEndReason.IdleTimeout, _spec.StopGrace);
        }
    }

    /// <summary>Milliseconds until a timer may be due, rounded up so that nobody spins.</summary>
    public int Wait()
    {
        TimeSpan next;
        lock (_gate)
        {
            next = _deadlineAt;
        }

        next = _killAt < next ? _killAt.Value : next;
        if (Reason is null)
        {
            next = Least(next, Least(Bounded(_spec.Timeout), _spokeAt + Bounded(_spec.IdleTimeout)));
        }

        return (int)Math.Clamp(Math.Ceiling((next - Elapsed).TotalMilliseconds), 0, 60_000);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Bounded(TimeSpan span) => span == Timeout.InfiniteTimeSpan || span > Never ? Never : span < TimeSpan.Zero ? TimeSpan.Zero : span;

    private (TimeSpan DeadlineAt, TimeSpan? StopGrace) TakeOrders()
    {
        lock (_gate)
        {
            var orders = (_deadlineAt, _stopGrace);
            _stopGrace = null;
            return orders;
        }
    }
}
