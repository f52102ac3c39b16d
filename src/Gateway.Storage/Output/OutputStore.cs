using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Jobs;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Output;

/// <summary>The stored byte streams: rows of at most 64 KiB that lie end to end.</summary>
internal sealed class OutputStore(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StorageProvider provider, StoreRetry retry, TimeProvider clock) : IOutputStore
{
    private static readonly PerModel<Func<GatewayDb, Guid, Task<LeaseRow?>>> FindLease =
        new(() => EF.CompileAsyncQuery((GatewayDb db, Guid jobId) => db.Leases.AsNoTracking().FirstOrDefault(l => l.JobId == jobId)));

    private static readonly PerModel<Func<GatewayDb, Guid, int, Task<OutputRow?>>> FindOutput =
        new(() => EF.CompileAsyncQuery((GatewayDb db, Guid jobId, int attempt) => db.Outputs.FirstOrDefault(o => o.JobId == jobId && o.Attempt == attempt)));

    public async Task<byte[]> ReadAsync(Guid jobId, int attempt, OutputStream stream, long offset, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(_ => ReadChunksAsync(jobId, attempt, stream, offset, maxBytes, cancellationToken));
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The output could not be read.", problem);
        }
    }

    private async Task<byte[]> ReadChunksAsync(Guid jobId, int attempt, OutputStream stream, long offset, int maxBytes, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var end = offset + maxBytes;
        var first = offset - ChunkRow.MaxBytes;
        var chunks = db.Chunks.AsNoTracking()
            .Where(c => c.JobId == jobId && c.Attempt == attempt && c.Stream == stream && c.Offset > first && c.Offset < end)
            .OrderBy(c => c.Offset)
            .Select(c => new { c.Offset, c.Bytes })
            .AsAsyncEnumerable();
        using var page = new MemoryStream();
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            var from = (int)Math.Max(0, offset - chunk.Offset);
            var to = (int)Math.Min(chunk.Bytes.Length, end - chunk.Offset);
            if (from < to)
            {
                page.Write(chunk.Bytes, from, to - from);
            }
        }

        return page.ToArray();
    }

    public async Task<RunReceipt> AppendAsync(RunOutput piece, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Completion, token => AppendAsync(db, piece, token), cancellationToken);
    }

    // Held until the commit: no sweeper, claim or outcome comes between this look and what is stored because of it, and pieces of
    // one job that reach two processes at once follow each other.
    private async Task<LeaseRow?> HoldLeaseAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken) => provider.LockLeaseStatement is { } statement
        ? (await db.Leases.FromSqlRaw(statement, jobId).AsNoTracking().ToListAsync(cancellationToken)).FirstOrDefault()
        : await FindLease.For(db)(db, jobId);

    private async Task<RunReceipt> AppendAsync(GatewayDb db, RunOutput piece, CancellationToken cancellationToken)
    {
        var lease = await HoldLeaseAsync(db, piece.JobId, cancellationToken);
        if (lease is null || lease.Lost || lease.Attempt != piece.Attempt || lease.WorkerId != piece.WorkerId || lease.Epoch > piece.Epoch)
        {
            // A worker that was killed after its outcome was stored learns here that nothing of the job is wanted any more.
            var goesOn = await db.Jobs.AnyAsync(j => j.CorrelationId == piece.JobId && j.FinishedAtMs == null, cancellationToken);
            return Receipt(piece, null, fenced: true) with { JobEnded = !goesOn };
        }

        var output = await FindOutput.For(db)(db, piece.JobId, piece.Attempt);
        var stored = output is null ? 0 : StreamLengths.Get(output, piece.Stream);
        if (piece.Bytes.Length == 0 || piece.Offset < 0 || piece.Offset > stored || piece.Offset + piece.Bytes.Length <= stored)
        {
            return Receipt(piece, output, fenced: false);
        }

        if (output is null)
        {
            output = new OutputRow { JobId = piece.JobId, Attempt = piece.Attempt };
            db.Outputs.Add(output);
        }

        Store(db, piece, output, stored);
        await StoreEventsAsync(db, piece, stored);
        return Receipt(piece, output, fenced: false);
    }

    private void Store(GatewayDb db, RunOutput piece, OutputRow output, long stored)
    {
        // Cut to rows of the size that readers count on, whatever the sender thought.
        for (var from = (int)(stored - piece.Offset); from < piece.Bytes.Length; from += ChunkRow.MaxBytes)
        {
            var to = Math.Min(piece.Bytes.Length, from + ChunkRow.MaxBytes);
            db.Chunks.Add(new ChunkRow
            {
                JobId = piece.JobId,
                Attempt = piece.Attempt,
                Stream = piece.Stream,
                Offset = piece.Offset + from,
                Bytes = from == 0 && to == piece.Bytes.Length ? piece.Bytes : piece.Bytes[from..to],
            });
        }

        StreamLengths.Set(output, piece.Stream, piece.Offset + piece.Bytes.Length);
        output.LastActivityAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private static async Task StoreEventsAsync(GatewayDb db, RunOutput piece, long stored)
    {
        if (piece.Stream != OutputStream.Stdout)
        {
            return;
        }

        // A worker works on untrusted text: what it says takes no more room than the contract gives it.
        var news = piece.Events.Where(e => e.EndOffset > stored).Select(e => new EventRow
        {
            JobId = piece.JobId,
            AtMs = e.At.ToUnixTimeMilliseconds(),
            Attempt = piece.Attempt,
            Phase = StoredText.Fit(e.Phase, 16),
            Kind = StoredText.Fit(e.Kind, 16),
            Message = StoredText.Fit(e.Message, 120),
            Source = StoredText.Fit(e.Source, 16),
        }).ToList();
        if (news.Count > 0)
        {
            await JobEvents.AppendAsync(db, piece.JobId, JobStatus.Running, news);
        }
    }

    private static RunReceipt Receipt(RunOutput piece, OutputRow? output, bool fenced) => new()
    {
        JobId = piece.JobId,
        Attempt = piece.Attempt,
        StoredBytes = StreamLengths.All(output),
        OutcomeStored = fenced,
        Fenced = fenced,
    };
}
