namespace Gateway.Processes.Launching;

/// <summary>
/// The one thread that starts programs. Linux ties "die with your parent" to the starting thread, not to its process: a child
/// started from a pool thread would be killed when the pool lets that thread go.
/// </summary>
internal sealed class Launcher
{
    private static readonly Lazy<Launcher> Instance = new(() => new Launcher(noNewPrivileges: false));
    private readonly Queue<Order> _orders = new();

    /// <param name="noNewPrivileges">Whether no child may ever gain rights by a set-uid program.</param>
    public Launcher(bool noNewPrivileges)
    {
        var thread = new Thread(() => Work(noNewPrivileges), maxStackSize: 256 * 1024) { IsBackground = true, Name = "launcher" };
        thread.Start();
    }

    /// <summary>The launcher of a process that is not the runner.</summary>
    public static Launcher Shared => Instance.Value;

    /// <summary>Starts a program; returns when it has been executed.</summary>
    /// <exception cref="NativeException">It could not be started.</exception>
    public Child Start(LaunchPlan plan)
    {
        var order = new Order(plan);
        lock (_orders)
        {
            _orders.Enqueue(order);
            Monitor.Pulse(_orders);
        }

        lock (order)
        {
            while (!order.Done)
            {
                Monitor.Wait(order);
            }
        }

        return order.Child ?? throw order.Error ?? new NativeException("start", Native.TryAgain);
    }

    private void Work(bool noNewPrivileges)
    {
        if (noNewPrivileges)
        {
            const int SetNoNewPrivileges = 38;
            _ = Native.prctl(SetNoNewPrivileges, 1, 0, 0, 0);
        }

        while (true)
        {
            Order order;
            lock (_orders)
            {
                while (_orders.Count == 0)
                {
                    Monitor.Wait(_orders);
                }

                order = _orders.Dequeue();
            }

            order.Execute();
        }
    }

    private sealed class Order(LaunchPlan plan)
    {
        public bool Done { get; private set; }

        public Child? Child { get; private set; }

        public NativeException? Error { get; private set; }

        public void Execute()
        {
            NativeException? error = null;
            Child? child = null;
            try
            {
                child = Child.Adopt(NativeSpawn.Start(plan));
            }
            catch (NativeException failure)
            {
                error = failure;
            }

            lock (this)
            {
                Child = child;
                Error = error;
                Done = true;
                Monitor.Pulse(this);
            }
        }
    }
}
