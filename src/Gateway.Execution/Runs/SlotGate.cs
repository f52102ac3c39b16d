namespace Gateway.Execution.Runs;

/// <summary>The places for runs of a worker. Adopted runs take theirs whether free or not. Safe for use by many threads.</summary>
/// <param name="slots">How many there are.</param>
internal sealed class SlotGate(int slots)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _taken;

    /// <summary>Raised after the last place was taken (true) and after one came free again (false). Never under a lock.</summary>
    public event Action<bool>? FullChanged;

    /// <summary>How many there are.</summary>
    public int Slots { get; } = slots;

    /// <summary>How many are taken.</summary>
    public int Taken
    {
        get
        {
            lock (_gate)
            {
                return _taken;
            }
        }
    }

    /// <summary>Takes a place, in the order of asking.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource? mine = null;
        lock (_gate)
        {
            if (_taken < Slots)
            {
                _taken++;
            }
            else
            {
                mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(mine);
            }
        }

        if (mine is null)
        {
            Tell();
            return;
        }

        await using var registration = cancellationToken.Register(() => mine.TrySetCanceled(cancellationToken));
        await mine.Task;
        Tell();
    }

    /// <summary>Takes a place even if there is none.</summary>
    public void TakeAnyway()
    {
        lock (_gate)
        {
            _taken++;
        }

        Tell();
    }

    /// <summary>Gives a place back.</summary>
    public void Free()
    {
        lock (_gate)
        {
            _taken--;
            while (_taken < Slots && _waiting.TryDequeue(out var next))
            {
                _taken += next.TrySetResult() ? 1 : 0;
            }
        }

        Tell();
    }

    private void Tell() => FullChanged?.Invoke(Taken >= Slots);
}
