using Gateway.Contracts.Events;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>
/// All tables, one model for every database; a provider adds its migrations in a class of its own. Times are Unix
/// milliseconds, since SQLite can neither order nor compare a DateTimeOffset.
/// </summary>
public abstract class GatewayDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>Index of those who wait to be released; its name in full is longer than PostgreSQL's names may be.</summary>
    internal const string WaitingLineIndex = "IX_Jobs_WaitingLine";

    private readonly List<JobChanged> changes = [];
    private readonly List<Action> measures = [];

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<RequestRow> Requests => Set<RequestRow>();

    public DbSet<IdempotencyKeyRow> IdempotencyKeys => Set<IdempotencyKeyRow>();

    public DbSet<EqualCallRow> EqualCalls => Set<EqualCallRow>();

    public DbSet<OtherNameRow> OtherNames => Set<OtherNameRow>();

    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<ActiveSessionRow> ActiveSessions => Set<ActiveSessionRow>();

    public DbSet<TurnRow> Turns => Set<TurnRow>();

    public DbSet<TurnWaitRow> TurnWaits => Set<TurnWaitRow>();

    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    public DbSet<OutputRow> Outputs => Set<OutputRow>();

    public DbSet<ChunkRow> Chunks => Set<ChunkRow>();

    public DbSet<ProgressRow> Progress => Set<ProgressRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();

    public DbSet<WorkerRow> Workers => Set<WorkerRow>();

    public DbSet<CredentialGateRow> CredentialGates => Set<CredentialGateRow>();

    public DbSet<LockRow> Locks => Set<LockRow>();

    public DbSet<GateRow> Gates => Set<GateRow>();

    public DbSet<CounterRow> Counters => Set<CounterRow>();

    public DbSet<ReservationRow> Reservations => Set<ReservationRow>();

    public DbSet<ApprovalRow> Approvals => Set<ApprovalRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<AuditSealRow> AuditSeals => Set<AuditSealRow>();

    public DbSet<AuditAnchorRow> AuditAnchors => Set<AuditAnchorRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<PolicyTextRow> PolicyTexts => Set<PolicyTextRow>();

    /// <summary>Remembers what waiters are to be told once the running transaction is committed.</summary>
    internal void TellAfterCommit(JobChanged change) => changes.Add(change);

    /// <summary>Remembers what is to be counted once the running transaction is committed.</summary>
    internal void CountAfterCommit(Action measure) => measures.Add(measure);

    /// <summary>Counts what was committed.</summary>
    internal void Count()
    {
        foreach (var measure in measures)
        {
            measure();
        }

        measures.Clear();
    }

    /// <summary>Takes what is to be told.</summary>
    internal IReadOnlyList<JobChanged> TakeChanges()
    {
        // The state that was committed: a message's steps tell of their events before the row has moved.
        var taken = changes.ConvertAll(change => Jobs.Local.FindEntry(change.JobId) is { } job ? change with { Status = job.Entity.Status() } : change);
        changes.Clear();
        return taken;
    }

    /// <summary>Forgets what was to be told and counted.</summary>
    internal void ForgetChanges()
    {
        changes.Clear();
        measures.Clear();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<string>().HaveConversion<StoredText>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutboxAndInbox();
        MapJobs(modelBuilder);
        MapRuns(modelBuilder);
        MapOutput(modelBuilder);
        PolicyTables.Map(modelBuilder);
        SessionTables.Map(modelBuilder);
    }

    private static void MapJobs(ModelBuilder model)
    {
        model.Entity<Job>(job =>
        {
            job.ToTable("Jobs");
            job.HasKey(j => j.CorrelationId);
            job.Property(j => j.CorrelationId).HasColumnName("JobId").ValueGeneratedNever();
            job.Property(j => j.Version).IsConcurrencyToken();
            job.Property(j => j.CurrentState).HasMaxLength(32);
            job.Property(j => j.Tenant).HasMaxLength(64);
            job.Property(j => j.Grant).HasMaxLength(256);
            job.Property(j => j.GrantLabel).HasMaxLength(64);
            job.Property(j => j.Tool).HasMaxLength(64);
            job.Property(j => j.PolicyHash).HasMaxLength(32);
            job.Property(j => j.RuleHash).HasMaxLength(32);
            job.Property(j => j.Cli).HasMaxLength(16);
            job.Property(j => j.Pool).HasMaxLength(64);
            job.Property(j => j.CredentialName).HasMaxLength(64);
            job.Property(j => j.Workspace).HasMaxLength(64);
            job.Property(j => j.RequestCorrelationId).HasMaxLength(128);
            job.Property(j => j.IdempotencyKey).HasMaxLength(200);
            job.Property(j => j.LabelsJson).HasMaxLength(2000);
            job.Property(j => j.PromptPreview).CutAt(200);
            job.Property(j => j.TraceParent).HasMaxLength(64);
            job.Property(j => j.Model).CutAt(128);
            job.Property(j => j.WorkerName).CutAt(128);
            job.Property(j => j.FailureKind).CutAt(32);
            job.Property(j => j.FailureMessage).CutAt(500);
            job.Property(j => j.FailureRule).CutAt(300);
            job.Property(j => j.FailurePolicyHash).HasMaxLength(32);
            job.Property(j => j.FailureSignal).CutAt(16);
            job.Property(j => j.CostUsd).HasPrecision(18, 6);
            // Lists: newest first within a caller. Queue: who is next, and ceiling. Commands on their way.
            job.HasIndex(j => new { j.Tenant, j.Grant, j.CreatedAtMs, j.CorrelationId });
            job.HasIndex(j => new { j.CurrentState, j.Pool, j.ReleasedAtMs, j.Priority, j.Tenant, j.DueAtMs });
            job.HasIndex(j => j.ReleasedAtMs);
            // Who waits besides those that a full cap holds back. A job that is released in its own commit is never in it.
            job.HasIndex(j => new { j.Pool, j.Priority, j.Tenant, j.Grant, j.Tool, j.CredentialName, j.DueAtMs })
                .HasDatabaseName(WaitingLineIndex).HasFilter("\"CurrentState\" = 'Queued' AND \"ReleasedAtMs\" IS NULL");
            // Parked jobs, and waiting ones that do not want to be: few, and none at all for most of the time.
            job.HasIndex(j => new { j.CurrentState, j.DueAtMs }).HasFilter("\"CurrentState\" = 'Parked'");
            job.HasIndex(j => new { j.Pool, j.CredentialName, j.DueAtMs }).HasFilter("\"OnUsageLimit\" = 1 AND \"CurrentState\" = 'Queued'");
            // Open jobs of a caller or a tenant, for caps. Written when a job begins and when it ends, not while it moves.
            job.HasIndex(j => new { j.Tenant, j.Grant }).HasFilter("\"FinishedAtMs\" IS NULL");
            // A caller's own name of a request.
            job.HasIndex(j => j.RequestCorrelationId);
            // Retention: the oldest ended jobs. A job that has not ended is not in it, so no submit pays for it.
            job.HasIndex(j => new { j.Content, j.FinishedAtMs }).HasFilter("\"FinishedAtMs\" IS NOT NULL");
        });
        model.Entity<RequestRow>(request =>
        {
            request.ToTable("Requests");
            request.HasKey(r => r.JobId);
            request.Property(r => r.JobId).ValueGeneratedNever();
            request.Property(r => r.Tool).HasMaxLength(64);
            // The name of the column is from the time of one CLI; processes of that time read and write it beside newer ones.
            request.Property(r => r.AgentJson).HasColumnName("ClaudeJson");
            request.Property(r => r.WorkingDirectory).HasMaxLength(1024);
            request.Property(r => r.CredentialName).HasMaxLength(64);
        });
        model.Entity<IdempotencyKeyRow>(key =>
        {
            key.ToTable("IdempotencyKeys");
            key.HasKey(k => new { k.Tenant, k.Grant, k.Key });
            key.Property(k => k.Tenant).HasMaxLength(64);
            key.Property(k => k.Grant).HasMaxLength(256);
            key.Property(k => k.Key).HasMaxLength(200);
            key.Property(k => k.ArgumentsHash).HasMaxLength(64);
            key.HasIndex(k => k.ExpiresAtMs);
            // A job may have keys of several calls, and is kept while one names it.
            key.HasIndex(k => k.JobId);
        });
        model.Entity<EqualCallRow>(equal =>
        {
            equal.ToTable("EqualCalls");
            equal.HasKey(e => new { e.Tenant, e.Grant, e.Hash });
            equal.Property(e => e.Tenant).HasMaxLength(64);
            equal.Property(e => e.Grant).HasMaxLength(256);
            equal.Property(e => e.Hash).HasMaxLength(64);
            equal.Property(e => e.JobId).IsConcurrencyToken();
            equal.HasIndex(e => e.ExpiresAtMs);
        });
        model.Entity<OtherNameRow>(name =>
        {
            name.ToTable("OtherNames");
            name.HasKey(n => new { n.JobId, n.CorrelationId });
            name.Property(n => n.CorrelationId).HasMaxLength(128);
            name.HasIndex(n => n.CorrelationId);
        });
    }

    private static void MapRuns(ModelBuilder model)
    {
        model.Entity<LeaseRow>(lease =>
        {
            lease.ToTable("RunLeases");
            lease.HasKey(l => l.JobId);
            lease.Property(l => l.JobId).ValueGeneratedNever();
            lease.HasIndex(l => new { l.Lost, l.UntilMs });
            lease.HasIndex(l => l.WorkerId);
        });
        model.Entity<AttemptRow>(attempt =>
        {
            attempt.ToTable("Attempts");
            attempt.HasKey(a => new { a.JobId, a.Attempt });
            attempt.Property(a => a.FailureKind).CutAt(32);
            attempt.Property(a => a.CostUsd).HasPrecision(18, 6);
            attempt.Property(a => a.WarningsJson).HasMaxLength(200);
        });
        model.Entity<WorkerRow>(worker =>
        {
            worker.ToTable("Workers");
            worker.HasKey(w => w.WorkerId);
            worker.Property(w => w.WorkerId).ValueGeneratedNever();
            worker.Property(w => w.Name).CutAt(128);
            worker.Property(w => w.Pool).CutAt(64);
        });
        model.Entity<CredentialGateRow>(closed =>
        {
            closed.ToTable("CredentialGates");
            closed.HasKey(g => new { g.Pool, g.Credential });
            closed.Property(g => g.Pool).HasMaxLength(64);
            closed.Property(g => g.Credential).HasMaxLength(64);
            closed.Property(g => g.Cli).HasMaxLength(16);
        });
        model.Entity<LockRow>(taken =>
        {
            taken.ToTable("Locks");
            taken.HasKey(l => l.Name);
            taken.Property(l => l.Name).HasMaxLength(32);
            taken.HasData(new LockRow { Name = LockRow.Admission }, new LockRow { Name = LockRow.Dispatch }, new LockRow { Name = LockRow.Leases }, new LockRow { Name = LockRow.Retention }, new LockRow { Name = LockRow.Audit });
        });
    }

    private static void MapOutput(ModelBuilder model)
    {
        model.Entity<OutputRow>(output =>
        {
            output.ToTable("Outputs");
            output.HasKey(o => new { o.JobId, o.Attempt });
        });
        model.Entity<ChunkRow>(chunk =>
        {
            chunk.ToTable("OutputChunks");
            chunk.HasKey(c => new { c.JobId, c.Attempt, c.Stream, c.Offset });
        });
        model.Entity<ProgressRow>(progress =>
        {
            progress.ToTable("Progress");
            progress.HasKey(p => p.JobId);
            progress.Property(p => p.JobId).ValueGeneratedNever();
            progress.Property(p => p.Phase).CutAt(16);
            progress.Property(p => p.Kind).CutAt(16);
            progress.Property(p => p.Message).CutAt(120);
        });
        model.Entity<EventRow>(entry =>
        {
            entry.ToTable("Events");
            entry.HasKey(e => new { e.JobId, e.Seq });
            entry.Property(e => e.Phase).CutAt(16);
            entry.Property(e => e.Kind).CutAt(16);
            entry.Property(e => e.Message).CutAt(120);
            entry.Property(e => e.Source).CutAt(16);
        });
    }
}
