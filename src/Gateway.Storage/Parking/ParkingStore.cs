using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.SagaPersistence.Writing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Parking;

/// <summary>Parked jobs as rows, found along an index that holds them alone. Every report is a conditional update, so several sweepers do no harm.</summary>
internal sealed class ParkingStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate) : IParkingStore
{
    // A report that the lifecycle has not heard by then died on its way.
    private static readonly TimeSpan ReportAgain = TimeSpan.FromMinutes(1);

    // A gate through which nobody has wanted to go for so long is not worth a look at each release.
    private static readonly TimeSpan Unused = TimeSpan.FromHours(1);

    public async Task<(int Ended, int Told)> SweepAsync(DateTimeOffset now, int most, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        await using (var look = await contexts.CreateDbContextAsync(cancellationToken))
        {
            // Most sweeps find nothing: they must not make a writer wait.
            if (!await Due(look, nowMs).AnyAsync(cancellationToken) && !await look.CredentialGates.AnyAsync(cancellationToken))
            {
                return (0, 0);
            }
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        return await gate.WriteAsync(db, WritePriority.Completion, token => ReportAsync(db, sender, now, most, token), cancellationToken);
    }

    private static IQueryable<Job> Due(GatewayDb db, long nowMs) => db.Jobs.Where(j => j.CurrentState == nameof(JobLifecycle.Parked) && j.DueAtMs <= nowMs);

    private static async Task<(int Ended, int Told)> ReportAsync(GatewayDb db, ISendEndpointProvider sender, DateTimeOffset now, int most, CancellationToken cancellationToken)
    {
        var lifecycle = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
        var ended = await EndAsync(db, lifecycle, now, most, cancellationToken);
        var told = 0;
        foreach (var closed in await CredentialGates.ReadAsync(db, cancellationToken))
        {
            if (closed.ClosedUntil > now)
            {
                told += await TellAsync(db, lifecycle, closed, now, most - told, cancellationToken);
            }
            else if (closed.IsOver(now) || (closed.ProbeJobId is null && closed.ClosedUntil + Unused <= now))
            {
                await db.CredentialGates.Where(g => g.Pool == closed.Pool && g.Credential == closed.Credential && g.ClosedUntilMs == closed.ClosedUntil.ToUnixTimeMilliseconds())
                    .ExecuteDeleteAsync(cancellationToken);
            }
        }

        return (ended, told);
    }

    private static async Task<int> EndAsync(GatewayDb db, ISendEndpoint lifecycle, DateTimeOffset now, int most, CancellationToken cancellationToken)
    {
        var (nowMs, againMs) = (now.ToUnixTimeMilliseconds(), (now + ReportAgain).ToUnixTimeMilliseconds());
        var due = await Due(db, nowMs).OrderBy(j => j.DueAtMs).Take(most).Select(j => new { j.CorrelationId, j.Attempt }).ToListAsync(cancellationToken);
        var ended = 0;
        foreach (var job in due)
        {
            if (await Due(db, nowMs).Where(j => j.CorrelationId == job.CorrelationId).ExecuteUpdateAsync(set => set.SetProperty(j => j.DueAtMs, againMs), cancellationToken) == 1)
            {
                await lifecycle.Send(new ParkingEnded { JobId = job.CorrelationId, Attempt = job.Attempt }, cancellationToken);
                ended++;
            }
        }

        return ended;
    }

    // Told again at the next round as long as they are there: the lifecycle minds the first report alone.
    private static async Task<int> TellAsync(GatewayDb db, ISendEndpoint lifecycle, CredentialGate closed, DateTimeOffset now, int most, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var waiting = await db.Jobs
            .Where(j => j.OnUsageLimit == UsageLimitChoice.Fail && j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == closed.Pool && j.CredentialName == closed.Credential && j.DueAtMs <= nowMs)
            .OrderBy(j => j.DueAtMs).Take(most).Select(j => new { j.CorrelationId, j.Attempt }).ToListAsync(cancellationToken);
        foreach (var job in waiting)
        {
            await lifecycle.Send(
                new UsageLimitMet
                {
                    JobId = job.CorrelationId,
                    Attempt = job.Attempt + 1,
                    Credential = closed.Credential,
                    RetryAfterSeconds = (int)Math.Max(1, Math.Ceiling((closed.ClosedUntil - now).TotalSeconds)),
                },
                cancellationToken);
        }

        return waiting.Count;
    }
}
