using Gateway.Nemesis.House;
using RabbitMQ.Client;

namespace Gateway.Nemesis.Clients;

/// <summary>A connection to the broker that is made anew whenever it has ended; what shall stand on it is set up each time.</summary>
internal sealed class BrokerLink(Uri amqp, Func<IChannel, CancellationToken, Task> setUp) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private volatile IChannel? _channel;
    private Task _keeping = Task.CompletedTask;

    /// <summary>The channel of now; null while there is none.</summary>
    public IChannel? Channel => _channel is { IsOpen: true } open ? open : null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _keeping = Task.Run(KeepAsync, CancellationToken.None);
        if (!await Clock.UntilAsync(() => Task.FromResult(Channel is not null), TimeSpan.FromSeconds(30), cancellationToken))
        {
            throw new InvalidOperationException("The driver found no broker.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _keeping;
        _ending.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var factory = new ConnectionFactory { Uri = amqp, AutomaticRecoveryEnabled = false, ClientProvidedName = "nemesis" };
                await using var connection = await factory.CreateConnectionAsync(_ending.Token);
                await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), _ending.Token);
                await setUp(channel, _ending.Token);
                _channel = channel;
                await Clock.UntilAsync(() => Task.FromResult(!channel.IsOpen), TimeSpan.MaxValue, _ending.Token);
            }
            catch (Exception away) when (away is not OutOfMemoryException)
            {
                // The broker is killed now and then; that is what this is for.
            }

            _channel = null;
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        }
    }
}
