using Gateway.Benchmarks.House;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Gateway.Benchmarks.Measures;

/// <summary>What the servers can do when nobody does anything between two messages or two commits.</summary>
internal static class RawLimits
{
    private const string Queue = "raw";
    private const int MessageBytes = 1024;
    private const int InFlight = 64;
    private const int RowBytes = 500;
    private const int Connections = 16;

    /// <summary>Messages a second: published with confirms and consumed with acknowledgements at the same time, on a quorum queue.</summary>
    public static async Task<double> BrokerAsync(ScaleOutServers servers, int count, CancellationToken cancellationToken)
    {
        await using var connection = await servers.ConnectAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        await using var receiving = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        await receiving.BasicQosAsync(0, InFlight, global: false, cancellationToken);
        var (left, all) = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var consumer = new AsyncEventingBasicConsumer(receiving);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await receiving.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
            if (Interlocked.Decrement(ref left) == 0)
            {
                all.TrySetResult();
            }
        };
        await receiving.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);

        var started = TimeProvider.System.GetTimestamp();
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        var body = new byte[MessageBytes];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
            async (_, token) => await channel.BasicPublishAsync("", Queue, mandatory: true, properties, body, token));
        await all.Task.WaitAsync(cancellationToken);
        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Commits a second of one row each, over as many connections as the API's consumers work with.</summary>
    public static async Task<double> DatabaseAsync(ScaleOutServers servers, int count, CancellationToken cancellationToken)
    {
        await servers.RunAsync("CREATE TABLE raw (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)", cancellationToken);
        var left = count;
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(
            async () =>
            {
                await using var connection = new NpgsqlConnection(servers.Connection);
                await connection.OpenAsync(cancellationToken);
                await using var command = new NpgsqlCommand("INSERT INTO raw (body) VALUES ($1)", connection) { Parameters = { new NpgsqlParameter { Value = new byte[RowBytes] } } };
                await command.PrepareAsync(cancellationToken);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
            },
            cancellationToken)));
        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
