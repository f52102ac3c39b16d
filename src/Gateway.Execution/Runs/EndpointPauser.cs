using MassTransit;
using Microsoft.Extensions.Logging;

namespace Gateway.Execution.Runs;

/// <summary>
/// Stops taking commands while all slots are taken, so that they go to other workers. A worker that is full for a
/// moment only does not stop: it would be slower than to wait.
/// </summary>
internal sealed partial class EndpointPauser : IReceiveEndpointObserver
{
    private static readonly TimeSpan FullFor = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<PausedEndpoint> _endpoints = [];
    private readonly SlotGate _slots;
    private readonly TimeProvider _clock;
    private readonly ILogger<EndpointPauser> _logger;
    private Task _settling = Task.CompletedTask;
    private bool _working;
    private volatile bool _closed;

    /// <summary>Makes one.</summary>
    public EndpointPauser(RunTable table, TimeProvider clock, ILogger<EndpointPauser> logger)
    {
        _slots = table.Slots;
        _clock = clock;
        _logger = logger;
        _slots.FullChanged += _ => Poke();
    }

    /// <summary>Whether commands are not taken at the moment.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Takes no more commands, for good; those under way are done or given back when it returns.</summary>
    public Task CloseAsync()
    {
        _closed = true;
        Poke();
        lock (_gate)
        {
            return _settling;
        }
    }

    /// <inheritdoc/>
    public Task Ready(ReceiveEndpointReady ready)
    {
        lock (_gate)
        {
            if (_endpoints.All(known => known.Endpoint != ready.ReceiveEndpoint))
            {
                _endpoints.Add(new PausedEndpoint(ready.ReceiveEndpoint));
            }
        }

        Poke();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private bool IsFull => _closed || _slots.Taken >= _slots.Slots;

    private void Poke()
    {
        lock (_gate)
        {
            if (_working || IsFull == IsPaused)
            {
                return;
            }

            _working = true;

            // Never awaited by who gave the sign: that may be the consumer whose end a stop waits for.
            _settling = Task.Run(SettleAsync);
        }
    }

    private async Task SettleAsync()
    {
        while (true)
        {
            if (IsFull && !IsPaused && !_closed)
            {
                await Task.Delay(FullFor, _clock, CancellationToken.None);
            }

            lock (_gate)
            {
                if (IsFull == IsPaused)
                {
                    _working = false;
                    return;
                }
            }

            await SwitchAsync(!IsPaused);
        }
    }

    private async Task SwitchAsync(bool pause)
    {
        List<PausedEndpoint> endpoints;
        lock (_gate)
        {
            endpoints = [.. _endpoints];
        }

        try
        {
            foreach (var one in endpoints)
            {
                await (pause ? one.Endpoint.Stop() : one.Endpoint.Start().Ready);
            }
        }
        catch (Exception e)
        {
            // The bus is on its way down, or up again: then it is started by that.
            EndpointNotSwitched(pause, e.GetType().Name);
        }

        IsPaused = pause;
        EndpointSwitched(pause, _slots.Taken);
    }

    private sealed record PausedEndpoint(IReceiveEndpoint Endpoint);

    [LoggerMessage(EventId = 3025, Level = LogLevel.Debug, Message = "Taking of commands: paused {Paused}, {Taken} slots taken")]
    private partial void EndpointSwitched(bool paused, int taken);

    [LoggerMessage(EventId = 3026, Level = LogLevel.Warning, Message = "Taking of commands could not be switched, paused {Paused}: {Fault}")]
    private partial void EndpointNotSwitched(bool paused, string fault);
}
