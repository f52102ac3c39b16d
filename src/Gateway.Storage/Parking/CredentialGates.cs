using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Parking;

/// <summary>The gates of credentials as rows: as many as there are credentials that rest, which is none for most of the time.</summary>
internal static class CredentialGates
{
    private static readonly PerModel<Func<GatewayDb, string, string, Task<CredentialGateRow?>>> FindRow = new(() => EF.CompileAsyncQuery(
        (GatewayDb db, string pool, string credential) => db.CredentialGates.AsNoTracking().FirstOrDefault(g => g.Pool == pool && g.Credential == credential)));

    private static readonly PerModel<Func<GatewayDb, IAsyncEnumerable<CredentialGateRow>>> AllRows =
        new(() => EF.CompileAsyncQuery((GatewayDb db) => db.CredentialGates.AsNoTracking()));

    /// <summary>All of them.</summary>
    public static async Task<IReadOnlyList<CredentialGate>> ReadAsync(GatewayDb db, CancellationToken cancellationToken)
    {
        List<CredentialGate> gates = [];
        await foreach (var row in AllRows.For(db)(db).WithCancellation(cancellationToken))
        {
            gates.Add(Of(row));
        }

        return gates;
    }

    /// <summary>The gate of a job's credential; null when nothing keeps it.</summary>
    public static async Task<CredentialGate?> FindAsync(GatewayDb db, Job job) =>
        job.CredentialName.Length > 0 && await FindRow.For(db)(db, job.Pool, job.CredentialName) is { } row ? Of(row) : null;

    /// <summary>Closes the gate of a job's credential. Of two reports the one that keeps it closed for longer counts.</summary>
    public static async Task CloseAsync(GatewayDb db, Job job, DateTimeOffset until, DateTimeOffset? resetsAt, CancellationToken cancellationToken)
    {
        if (job.CredentialName.Length == 0)
        {
            return;
        }

        var row = await db.CredentialGates.FirstOrDefaultAsync(g => g.Pool == job.Pool && g.Credential == job.CredentialName, cancellationToken);
        if (row is null)
        {
            row = new CredentialGateRow { Pool = job.Pool, Credential = job.CredentialName };
            db.CredentialGates.Add(row);
        }

        if (row.ClosedUntilMs < until.ToUnixTimeMilliseconds())
        {
            (row.ClosedUntilMs, row.ResetsAtMs) = (until.ToUnixTimeMilliseconds(), resetsAt?.ToUnixTimeMilliseconds());
        }

        (row.Cli, row.ProbeJobId, row.ProbedAtMs) = (job.Cli, null, null);
    }

    /// <summary>Takes the gate away that a job was the first to pass, unless it was closed again meanwhile.</summary>
    public static Task OpenAsync(GatewayDb db, Job job, CancellationToken cancellationToken) =>
        db.CredentialGates.Where(g => g.Pool == job.Pool && g.Credential == job.CredentialName && g.ProbeJobId == job.CorrelationId).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Notes that a job is the first to pass.</summary>
    public static async Task ProbeAsync(GatewayDb db, CredentialGate gate, Guid jobId, long nowMs, CancellationToken cancellationToken)
    {
        await db.CredentialGates.Where(g => g.Pool == gate.Pool && g.Credential == gate.Credential && g.ClosedUntilMs <= nowMs)
            .ExecuteUpdateAsync(set => set.SetProperty(g => g.ProbeJobId, jobId).SetProperty(g => g.ProbedAtMs, nowMs), cancellationToken);
        await db.Jobs.Where(j => j.CorrelationId == jobId).ExecuteUpdateAsync(set => set.SetProperty(j => j.ProbesGate, true), cancellationToken);
    }

    private static CredentialGate Of(CredentialGateRow row) => new(
        row.Pool, row.Credential, row.Cli, DateTimeOffset.FromUnixTimeMilliseconds(row.ClosedUntilMs), At(row.ResetsAtMs), row.ProbeJobId, At(row.ProbedAtMs));

    private static DateTimeOffset? At(long? ms) => ms is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
