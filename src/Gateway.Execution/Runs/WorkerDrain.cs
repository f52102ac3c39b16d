using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Empties a worker: it takes nothing new, lets its runs end for <c>Worker:SoftStop</c>, and gives the jobs of the rest back without a
/// counted attempt. Begun once and for good; the worker lives on without slots until it is stopped. Safe for use by many threads.
/// </summary>
public sealed partial class WorkerDrain : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _begun = new();
    private readonly EndpointPauser _pauser;
    private readonly RunTable _table;
    private readonly RunSupervisor _supervisor;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<WorkerDrain> _logger;
    private Task<int>? _work;

    internal WorkerDrain(EndpointPauser pauser, RunTable table, RunSupervisor supervisor, IOptions<WorkerOptions> options, TimeProvider clock, ILogger<WorkerDrain> logger)
    {
        (_pauser, _table, _supervisor, _options, _clock, _logger) = (pauser, table, supervisor, options.Value, clock, logger);
        Begun = _begun.Token;
    }

    /// <summary>Whether the worker takes nothing new any more.</summary>
    public bool HasBegun => Begun.IsCancellationRequested;

    /// <summary>The runs that the worker has in hand.</summary>
    public int Running => _table.All.Count(run => run.Granted);

    /// <summary>Canceled when nothing new is taken any more.</summary>
    internal CancellationToken Begun { get; }

    /// <summary>Empties the worker; who asks while it is under way waits for the same end.</summary>
    /// <param name="cancellationToken">Ends the wait. What has begun goes on.</param>
    /// <returns>How many runs had to be stopped.</returns>
    public Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _work ??= EvacuateAsync();
            return _work.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _begun.Dispose();

    /// <summary>Takes nothing new; what is being taken is in hand or given back when it returns.</summary>
    internal async Task CloseAsync()
    {
        await _begun.CancelAsync();
        await _pauser.CloseAsync();
    }

    private async Task<int> EvacuateAsync()
    {
        // Never under the lock of who asked.
        await Task.Yield();
        await CloseAsync();
        var runs = _table.All.Where(run => run.Granted).ToList();
        var done = Task.WhenAll(runs.Select(run => run.Work));
        DrainBegun(runs.Count, _options.SoftStop);
        var stopped = 0;
        try
        {
            await done.WaitAsync(_options.SoftStop, _clock);
        }
        catch (TimeoutException)
        {
            var late = runs.Where(run => !run.Work.IsCompleted).ToList();
            stopped = late.Count;
            await Task.WhenAll(late.Select(_supervisor.InterruptAsync));
            await done;
        }

        DrainEnded(stopped);
        return stopped;
    }

    [LoggerMessage(EventId = 3095, Level = LogLevel.Information, Message = "The worker is drained: {Runs} runs have {SoftStop} to end by themselves")]
    private partial void DrainBegun(int runs, TimeSpan softStop);

    [LoggerMessage(EventId = 3062, Level = LogLevel.Information, Message = "The worker is empty; {Stopped} runs were stopped, and their jobs given back")]
    private partial void DrainEnded(int stopped);
}
