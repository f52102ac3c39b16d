using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Outbox;
using Gateway.Storage.Approvals;
using Gateway.Storage.Limits;
using Gateway.Storage.Model;
using Gateway.Storage.Parking;
using Gateway.Storage.Sessions;
using Gateway.Storage.Turns;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>The rows beside the job's row, in the transaction of the message that is handled.</summary>
internal sealed class JobLedger(GatewayDb db, OutboxWithdrawal<GatewayDb> outbox, TimeProvider clock, IStoreClock storeClock) : IJobLedger
{
    private static readonly PerModel<Func<GatewayDb, Guid, Task<RequestRow?>>> FindRequest =
        new(() => EF.CompileAsyncQuery((GatewayDb db, Guid jobId) => db.Requests.AsNoTracking().FirstOrDefault(r => r.JobId == jobId)));

    private static readonly PerModel<Func<GatewayDb, Guid, Task<LeaseRow?>>> FindLease =
        new(() => EF.CompileAsyncQuery((GatewayDb db, Guid jobId) => db.Leases.FirstOrDefault(l => l.JobId == jobId)));

    public async Task<RunGrant> ReadGrantAsync(Job job, CancellationToken cancellationToken)
    {
        var request = await FindRequest.For(db)(db, job.CorrelationId)
            ?? throw new InvalidOperationException("A job without its request cannot be run.");
        var conversation = (await ConversationLookup.FindAsync(db, job, request.ResumesSessionId, cancellationToken))?.Conversation;
        return new RunGrant
        {
            Prompt = request.Prompt,
            Claude = job.Cli == AgentClis.Claude ? ClaudeOf(request) : null,
            ArgumentsJson = job.Cli == AgentClis.Claude ? null : request.AgentJson,
            SessionId = job.SessionId,
            Conversation = conversation,
            Resume = conversation is not null,
            HasRun = await ConversationLookup.HasRunAsync(db, job, cancellationToken),
            Writes = job.Writes,
            WorkingDirectory = request.WorkingDirectory,
            WorkOfSession = job.KeepsSession ? job.SessionId : null,
            Places = await PlacesOfAsync(request, cancellationToken),
            DirectoryTurns = job.TakesTurns ? await TurnLines.DirectoriesOfAsync(db, job.CorrelationId, cancellationToken) : null,
            McpServers = StoredNames.Of(request.McpServersJson),
            CredentialName = request.CredentialName,
            Timeout = TimeSpan.FromMilliseconds(request.TimeoutMs),
            IdleTimeout = TimeSpan.FromMilliseconds(request.IdleTimeoutMs),
            SpentUsd = job.CostUsd ?? 0,
        };
    }

    // A conversation that goes on keeps the worktree in which it began; one that is forked has files of its own.
    private async Task<RunPlaces?> PlacesOfAsync(RequestRow request, CancellationToken cancellationToken)
    {
        var places = request.PlacesJson is { } json ? JsonSerializer.Deserialize(json, JobsJson.Default.RunPlaces) : null;
        if (request.ResumesSessionId is not { } session || places is not { Work: not null, Worktree: null })
        {
            return places;
        }

        var worktree = await db.Sessions.AsNoTracking()
            .Where(s => s.SessionId == session && db.Jobs.Any(j => j.CorrelationId == request.JobId && j.SessionId == session))
            .Select(s => s.WorktreeJson).FirstOrDefaultAsync(cancellationToken);
        return worktree is null ? places : places with { Worktree = JsonSerializer.Deserialize(worktree, JobsJson.Default.RunWorktree) };
    }

    private static ClaudeArguments ClaudeOf(RequestRow request) =>
        JsonSerializer.Deserialize(request.AgentJson, JobsJson.Default.ClaudeArguments) ?? throw new InvalidOperationException("The stored arguments are empty.");

    public void CountAfterCommit(Action measure) => db.CountAfterCommit(measure);

    public async Task HoldLeaseAsync(Job job, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var lease = await FindLease.For(db)(db, job.CorrelationId);
        if (lease is null)
        {
            lease = new LeaseRow { JobId = job.CorrelationId };
            db.Leases.Add(lease);
        }

        lease.Attempt = job.Attempt;
        lease.WorkerId = job.WorkerId ?? throw new InvalidOperationException("A lease needs a worker.");
        lease.Epoch = job.WorkerEpoch;
        lease.UntilMs = until.ToUnixTimeMilliseconds();
        lease.Lost = false;
    }

    // One statement decides: between a look and a change a sweeper may have declared the lease lost.
    public async Task<bool> RenewLeaseAsync(Job job, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (nowMs, untilMs) = (now.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        return await db.Leases
            .Where(l => l.JobId == job.CorrelationId && l.Attempt == job.Attempt && l.WorkerId == job.WorkerId && l.Epoch <= job.WorkerEpoch && !l.Lost && l.UntilMs > nowMs)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, untilMs).SetProperty(l => l.Epoch, job.WorkerEpoch), cancellationToken) == 1;
    }

    public Task EndLeaseAsync(Guid jobId, CancellationToken cancellationToken) =>
        db.Leases.Where(l => l.JobId == jobId).ExecuteDeleteAsync(cancellationToken);

    // Commands are sent with the job's id as their correlation id.
    public Task<bool> WithdrawCommandAsync(Guid jobId, CancellationToken cancellationToken) => outbox.WithdrawAsync(jobId, cancellationToken);

    public Task ForgetReleaseAsync(Guid jobId, CancellationToken cancellationToken) =>
        db.Jobs.Where(j => j.CorrelationId == jobId && j.ReleasedAtMs > 0).ExecuteUpdateAsync(set => set.SetProperty(j => j.ReleasedAtMs, (long?)null), cancellationToken);

    public Task<Guid> AskAnewAsync(Job job, ApprovalVoided voided, CancellationToken cancellationToken) =>
        ApprovalRows.AskAnewAsync(db, voided, storeClock.GetUtcNow(), cancellationToken);

    public Task CloseRequestAsync(Job job, CancellationToken cancellationToken) =>
        ApprovalRows.VoidAsync(db, job.ApprovalId, "The job was canceled.", storeClock.GetUtcNow(), cancellationToken);

    public Task AppendEventAsync(Job job, LifecycleEvent entry, CancellationToken cancellationToken) =>
        JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), [RowOf(job, entry, clock.GetUtcNow().ToUnixTimeMilliseconds())]);

    public async Task RecordAttemptAsync(Job job, RunResult? result, string? failureKind, CancellationToken cancellationToken)
    {
        await SessionHeads.KeepNameAsync(db, job, result, cancellationToken);
        db.Attempts.Add(new AttemptRow
        {
            JobId = job.CorrelationId,
            Attempt = job.Attempt,
            WorkerId = job.WorkerId,
            StartedAtMs = job.StartedAtMs,
            EndedAtMs = (result?.EndedAt ?? clock.GetUtcNow()).ToUnixTimeMilliseconds(),
            DurationMs = (long?)result?.Duration?.TotalMilliseconds,
            ExitCode = result?.ExitCode,
            FailureKind = failureKind,
            HasAnswer = result?.HasAnswer ?? false,
            AnswerIsError = result?.AnswerIsError ?? false,
            OutputTruncated = result?.OutputTruncated ?? false,
            StructuredOutputJson = result?.StructuredOutputJson,
            WarningsJson = WarningsOf(result),
            WorktreeJson = ChangeOf(result),
            CostUsd = result?.Usage?.CostUsd,
            StreamsJson = JsonSerializer.Serialize(result?.Streams ?? [], StorageJson.Default.IReadOnlyListStreamSummary),
        });
    }

    public Task KeepConversationAsync(Job job, CancellationToken cancellationToken) => SessionHeads.MoveAsync(db, job, cancellationToken);

    public Task SettleCostAsync(Job job, CancellationToken cancellationToken) => CostSettlement.SettleAsync(db, job, storeClock.GetUtcNow(), cancellationToken);

    public Task<bool> TakeTurnsAsync(Job job, CancellationToken cancellationToken) =>
        job.TakesTurns ? TurnLines.TakeAsync(db, job, cancellationToken) : Task.FromResult(true);

    public Task<bool> TakeTurnAsync(Job job, string key, CancellationToken cancellationToken) =>
        job.TakesTurns ? TurnLines.TakeMoreAsync(db, job, key, cancellationToken) : Task.FromResult(true);

    public Task PassTurnsOnAsync(Job job, CancellationToken cancellationToken) =>
        TurnLines.PassOnAsync(db, job, storeClock.GetUtcNow(), clock.GetUtcNow(), cancellationToken);

    public async Task<bool> PassesGateAsync(Job job, CancellationToken cancellationToken) =>
        await CredentialGates.FindAsync(db, job) is not { } gate || gate.Passes(job.CorrelationId, storeClock.GetUtcNow());

    public Task CloseGateAsync(Job job, DateTimeOffset until, DateTimeOffset? resetsAt, CancellationToken cancellationToken) =>
        CredentialGates.CloseAsync(db, job, until, resetsAt, cancellationToken);

    public Task OpenGateAsync(Job job, CancellationToken cancellationToken) => CredentialGates.OpenAsync(db, job, cancellationToken);

    // A worker works on untrusted text: of what it says only what the contract knows is kept.
    private static string? WarningsOf(RunResult? result)
    {
        IReadOnlyList<string> known = [.. RunWarnings.All.Where(code => result?.Warnings.Contains(code) == true)];
        return known.Count == 0 ? null : JsonSerializer.Serialize(known, JobsJson.Default.IReadOnlyListString);
    }

    // Shown to the caller as it is, so it has to be what the contract says.
    private static string? ChangeOf(RunResult? result) => result?.Worktree is { } change
        && change is { Name.Length: > 0 and <= 64, Branch.Length: > 0 and <= 255, BaseCommit.Length: > 0 and <= 64, ChangedFiles: >= 0, Insertions: >= 0, Deletions: >= 0 }
        && !(change.Name + change.Branch + change.BaseCommit).Any(char.IsControl)
        ? JsonSerializer.Serialize(change, JobsJson.Default.WorktreeChange)
        : null;

    internal static EventRow RowOf(Job job, LifecycleEvent entry, long atMs) => new()
    {
        JobId = job.CorrelationId,
        AtMs = atMs,
        Attempt = job.Attempt,
        Phase = entry.Phase,
        Kind = entry.Kind,
        Message = entry.Message,
        Source = "gateway",
    };
}
