using System.Collections.Concurrent;
using Gateway.Contracts.Events;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Reading;

/// <summary>
/// Publishes what this process has committed, so that waiters elsewhere wake. Of a job only the newest change is kept
/// while the broker is slow, and none when it is away: waiters look again by themselves.
/// </summary>
internal sealed partial class ChangeBroadcast(JobSignals signals, IBus bus, TimeProvider clock, ILogger<ChangeBroadcast> logger) : BackgroundService
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, JobChanged> newest = new();
    private readonly SemaphoreSlim changed = new(0, 1);

    public override void Dispose()
    {
        changed.Dispose();
        base.Dispose();
    }

    /// <summary>Listens from here on, and not from when the loop gets its turn.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        signals.Committed += Keep;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await changed.WaitAsync(stoppingToken);
                await PublishAsync(stoppingToken);
            }
        }
        finally
        {
            signals.Committed -= Keep;
        }
    }

    private void Keep(JobChanged change)
    {
        newest[change.JobId] = change;
        try
        {
            changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // The sign was given already.
        }
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(Lifetime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            await Task.WhenAll(newest.Keys.Select(job => newest.TryRemove(job, out var change)
                ? bus.Publish(change, context =>
                {
                    context.Durable = false;
                    context.TimeToLive = Lifetime;
                }, either.Token)
                : Task.CompletedTask))

                // A message that was on its way when the connection broke may never be told of, and minds no token.
                .WaitAsync(either.Token);
        }
        catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
        {
            ChangesNotPublished(problem);
        }
    }

    [LoggerMessage(EventId = 2031, Level = LogLevel.Debug, Message = "Changes of jobs were not published")]
    private partial void ChangesNotPublished(Exception problem);
}
