namespace Gateway.Contracts;

/// <summary>
/// Names of the queues, and how they are addressed. <c>exchange:</c> addresses fit both transports: on RabbitMQ a
/// <c>queue:</c> address would declare a classic queue beside our quorum queue.
/// </summary>
public static class EndpointNames
{
    /// <summary>Claims, on their own so that a backlog of completions cannot starve them.</summary>
    public const string Claim = "gateway-claim";

    /// <summary>Everything else that moves a job: starts, ends, cancellations, losses.</summary>
    public const string JobLifecycle = "gateway-job-lifecycle";

    /// <summary>Pieces of output.</summary>
    public const string RunOutput = "gateway-run-output";

    /// <summary>Questions for the conversations that runs go on with; on their own, since their answers are large.</summary>
    public const string Transcript = "gateway-transcript";

    /// <summary>Heartbeats of workers, and what they ask about the jobs that they keep something for.</summary>
    public const string Heartbeat = "gateway-heartbeat";

    /// <summary>The pool of a worker that was given none.</summary>
    public const string DefaultPool = "default";

    /// <summary>The queue from which the workers of a pool take runs of a provider.</summary>
    /// <param name="provider">Provider, such as <c>claude</c>.</param>
    /// <param name="pool">Pool, such as <see cref="DefaultPool"/>.</param>
    public static string Run(string provider, string pool) =>
        pool == DefaultPool ? $"gateway-run-{provider}" : $"gateway-run-{provider}-{pool}";

    /// <summary>The queue of one worker, for what only it can do.</summary>
    /// <param name="workerId">The worker.</param>
    public static string Worker(Guid workerId) => $"gateway-worker-{workerId:n}";

    /// <summary>The queue to which one process is answered; it goes with the process.</summary>
    /// <param name="role">What the process is, such as <c>worker</c>.</param>
    /// <param name="process">Anything that no other process has.</param>
    public static string Reply(string role, Guid process) => $"gateway-reply-{role}-{process:n}";

    /// <summary>The queue through which one API process hears of changed jobs; it goes with the process.</summary>
    /// <param name="process">Anything that no other process has.</param>
    public static string Changes(Guid process) => $"gateway-changes-{process:n}";

    /// <summary>Address of a queue, for sending.</summary>
    /// <param name="name">One of the names above that stays.</param>
    public static Uri Address(string name) => new($"exchange:{name}");

    /// <summary>Address of the queue of one worker: like the queue, its exchange goes with the worker.</summary>
    /// <param name="workerId">The worker.</param>
    public static Uri WorkerAddress(Guid workerId) => new($"exchange:{Worker(workerId)}?temporary=true");
}
