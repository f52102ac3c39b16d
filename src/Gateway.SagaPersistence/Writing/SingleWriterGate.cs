namespace Gateway.SagaPersistence.Writing;

/// <summary>
/// One writer at a time in this process, first come first served within a priority: the gate for SQLite. Completions go
/// before submits, but after <see cref="CompletionsInARow"/> of them one submit that waits has its turn, so that a flood of
/// output delays no caller for long.
/// </summary>
public sealed class SingleWriterGate : IWriteGate
{
    private readonly Lock sync = new();
    private readonly LinkedList<Waiter> completions = new();
    private readonly LinkedList<Waiter> submits = new();
    private int inARow;
    private bool taken;

    /// <summary>Completions that may pass a waiting submit.</summary>
    public const int CompletionsInARow = 4;

    /// <summary>Writers waiting now, without the one inside.</summary>
    public int Waiting
    {
        get
        {
            lock (sync)
            {
                return completions.Count + submits.Count;
            }
        }
    }

    public ValueTask<IDisposable> EnterAsync(WritePriority priority, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IDisposable>(cancellationToken);
        }

        Waiter waiter;
        lock (sync)
        {
            if (!taken)
            {
                taken = true;
                return ValueTask.FromResult<IDisposable>(new Turn(this));
            }

            waiter = new Waiter(priority == WritePriority.Completion ? completions : submits);
            waiter.Node = waiter.Queue.AddLast(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    private async ValueTask<IDisposable> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(_ => GiveUp(waiter, cancellationToken), null))
        {
            return await waiter.Turn.Task;
        }
    }

    /// <summary>Only who still stands in the queue can leave it: a turn already handed over is used, never lost.</summary>
    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            if (waiter.Node is null)
            {
                return;
            }

            waiter.Queue.Remove(waiter.Node);
            waiter.Node = null;
        }

        waiter.Turn.TrySetCanceled(cancellationToken);
    }

    private void Leave()
    {
        Waiter next;
        lock (sync)
        {
            var submitsTurn = completions.First is null || (submits.First is not null && inARow >= CompletionsInARow);
            var queue = submitsTurn ? submits : completions;
            inARow = submitsTurn ? 0 : inARow + 1;
            if (queue.First is null)
            {
                taken = false;
                return;
            }

            next = queue.First.Value;
            queue.RemoveFirst();
            next.Node = null;
        }

        next.Turn.SetResult(new Turn(this));
    }

    private sealed class Waiter(LinkedList<Waiter> queue)
    {
        public LinkedList<Waiter> Queue { get; } = queue;

        public LinkedListNode<Waiter>? Node { get; set; }

        /// <summary>Continues elsewhere: the one who leaves must not run the work of the one who enters.</summary>
        public TaskCompletionSource<IDisposable> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(SingleWriterGate gate) : IDisposable
    {
        private SingleWriterGate? gate = gate;

        public void Dispose() => Interlocked.Exchange(ref gate, null)?.Leave();
    }
}
