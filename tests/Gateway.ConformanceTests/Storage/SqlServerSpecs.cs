using Gateway.ConformanceTests.Support;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Retention;
using Gateway.Policies.Limits;
using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Outbox;
using Gateway.Storage;
using Gateway.Storage.Limits;
using Gateway.Storage.Model;
using Gateway.Storage.Providers.PostgreSql;
using Gateway.Storage.Providers.SqlServer;
using Gateway.Storage.Turns;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

/// <summary>SQL Server's statements are generated and parsed, not executed: no server can be had here.</summary>
public sealed class SqlServerSpecs
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Guid JobId = Guid.NewGuid();
    private static readonly string[] Astray = ["A job without its request", "Messages are withdrawn in a transaction"];

    [Fact]
    public void The_migrations_make_the_model_and_are_t_sql()
    {
        using var db = new SqlServerGatewayDb(new DbContextOptionsBuilder<SqlServerGatewayDb>().UseSqlServer("Server=nowhere").Options);
        Assert.False(db.Database.HasPendingModelChanges());
        var migrator = db.GetService<IMigrator>();
        var plain = migrator.GenerateScript();
        Assert.Contains("CREATE TABLE [Jobs]", plain, StringComparison.Ordinal);
        Assert.Empty(FaultsOf(plain));
        Assert.Empty(FaultsOf(migrator.GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent)));
    }

    [Fact]
    public void The_parser_refuses_what_is_not_t_sql()
    {
        using var db = new PostgreSqlGatewayDb(new DbContextOptionsBuilder<PostgreSqlGatewayDb>().UseNpgsql("Host=nowhere").Options);
        Assert.NotEmpty(FaultsOf(db.GetService<IMigrator>().GenerateScript()));
        Assert.NotEmpty(FaultsOf("INSERT INTO [Inbox] ([MessageId]) VALUES (@m) ON CONFLICT DO NOTHING"));
    }

    [Fact]
    public async Task Everything_that_the_stores_say_is_t_sql()
    {
        using var server = new SilentSqlServer();
        server.Answers.Add(("SELECT COUNT(*)", () => SilentSqlServer.Row(("c", 0))));
        server.Answers.Add(("SELECT CASE", () => SilentSqlServer.Row(("c", false))));
        server.Answers.Add(("FROM [RunLeases]", Lease));
        var chunks = new Queue<System.Data.DataTable>([SilentSqlServer.Row(("Attempt", 1), ("Stream", 0))]);
        server.Answers.Add(("[o].[Attempt], [o].[Stream]", () => chunks.TryDequeue(out var first) ? first : new System.Data.DataTable()));
        server.Answers.Add(("[o].[Offset]\nFROM", () => SilentSqlServer.Row(("Offset", 0L))));
        server.Answers.Add(("[e].[Seq]\nFROM", () => SilentSqlServer.Row(("Seq", 1L))));
        server.Answers.Add(("WHERE [j].[Content] =", () => SilentSqlServer.Row(("JobId", JobId))));
        server.Answers.Add(("[i].[ExpiresAtMs] <=", () => SilentSqlServer.Row(("JobId", JobId), ("ExpiresAtMs", 1L))));
        server.Answers.Add(("[o].[DeadReason] IS NOT NULL AND", () => SilentSqlServer.Row(("Seq", 1L))));
        server.Answers.Add(("SELECT [o].[Seq], [o].[MessageId]", () => SilentSqlServer.Row(("Seq", 1L), ("MessageId", JobId))));
        server.Answers.Add(("[c].[WindowEndMs] <", () => SilentSqlServer.Row(("Key", "k"))));
        server.Answers.Add(("FROM [Reservations] AS [r]\nWHERE [r].[JobId] =", () => SilentSqlServer.Row(("JobId", JobId), ("CounterKey", "k"), ("AmountMicros", 1L))));
        await using var jobs = new EmbeddedJobs(server, worker: false, configure: services => server.Intercept(services, server));
        foreach (var say in Everything(jobs))
        {
            // A save that counts rows hears of none, a grant finds no request, and no transaction is open; by then they have said what they say.
            var problem = await Record.ExceptionAsync(say);
            Assert.True(problem is null or DbUpdateConcurrencyException || Astray.Any(words => problem.Message.StartsWith(words, StringComparison.Ordinal)), problem?.ToString());
        }

        var statements = server.Statements.Distinct().ToList();
        string[] expected = ["INSERT INTO [Jobs]", "INSERT INTO [IdempotencyKeys]", "INSERT INTO [Outbox]", "DELETE FROM [o]", "UPDATE [Jobs]", "FROM [RunLeases]", "[RunLeases] WITH (UPDLOCK, ROWLOCK)", "INSERT INTO [OutputChunks]", "[Locks]", "[Workers]", "INSERT INTO [Events]", "LIKE", "[Inbox]", "INSERT INTO [Attempts]", "[Requests]", "[Progress]", "DELETE FROM [i]", "DELETE FROM [e]", "DELETE FROM [j]", "UPDATE [a]", "[DeadReason] IS NOT NULL", "UPDATE [c]", "DELETE FROM [c]", "INSERT INTO [Audit]", "INSERT INTO [EqualCalls]", "[OtherNames]"];
        Assert.Equal(expected, expected.Where(words => statements.Exists(statement => statement.Contains(words, StringComparison.Ordinal))));
        Assert.All(statements, statement => Assert.Empty(FaultsOf(statement)));
    }

    [Fact]
    public void What_is_said_past_ef_is_t_sql()
    {
        using var db = new SqlServerGatewayDb(new DbContextOptionsBuilder<SqlServerGatewayDb>().UseSqlServer("Server=nowhere").Options);
        var provider = new SqlServerProvider();
        foreach (var statement in InboxStatements.For(db).All.Concat(LimitStatements.For(db).All).Concat(TurnStatements.For(db).All).Append(provider.ClockStatement).Append(Parameters(provider.LockLeaseStatement)).Append(Parameters(provider.LineHeadsStatement)))
        {
            Assert.Empty(FaultsOf(statement));
        }
    }

    private static string Parameters(string statement) => System.Text.RegularExpressions.Regex.Replace(statement, @"\{(\d)\}", "@p$1");

    private static IEnumerable<Func<Task>> Everything(EmbeddedJobs jobs)
    {
        var none = CancellationToken.None;
        var queries = jobs.Get<IJobQueries>();
        var filter = new JobFilter
        {
            Limit = 5,
            Statuses = ["queued", "running"],
            Cli = "claude",
            SessionId = JobId,
            CorrelationId = "c",
            Labels = ["a"],
            Text = "größe",
            CreatedAfter = DateTimeOffset.UnixEpoch,
            CreatedBefore = DateTimeOffset.MaxValue,
            After = new JobCursor(1, JobId),
        };
        yield return () => jobs.SubmitAsync(EmbeddedJobs.Request(key: "k") with { Dedup = true });
        yield return () => queries.FindByNameAsync(EmbeddedJobs.Alice, "c", 5, none);
        yield return () => jobs.Get<IQueueWaitStore>().TellAsync(DateTimeOffset.UnixEpoch, 1, [], none);
        var dispatch = jobs.Get<IDispatchStore>();
        WaitingJob[] waiting = [new(JobId, "acme", 0, 1, new RunClaudeRequest { JobId = JobId, Attempt = 1, Provider = "claude", Pool = "default" }) { Grant = new StoredGrant("staff", "acme", "alice") }];
        yield return () => dispatch.ReadLoadAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, none);
        yield return () => dispatch.ReadWaitingAsync("default", DateTimeOffset.UnixEpoch, 5, new RunningRoom(jobs.Get<CapsInForce>(), []), none);
        yield return () => dispatch.ReadUnclaimedAsync("default", DateTimeOffset.UnixEpoch, none);
        yield return () => dispatch.HoldAsync(Worker, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, none);
        yield return () => dispatch.ReleaseAsync(Worker, DateTimeOffset.UnixEpoch, waiting, null, none);
        yield return () => dispatch.ReleaseAsync(Worker, DateTimeOffset.UnixEpoch, waiting, DateTimeOffset.UnixEpoch, none);
        yield return () => queries.FindPlaceAsync(new JobRecord(new Job { CorrelationId = JobId, Tenant = "acme", Cli = "claude", ReleasedAtMs = 1 }, 0, 0, 0, "queued", null), DateTimeOffset.UnixEpoch, none);
        yield return () => queries.FindAsync(EmbeddedJobs.Alice, JobId, none);
        yield return () => queries.ListAsync(EmbeddedJobs.Alice, filter, none);
        yield return () => queries.ReadEventsAsync(JobId, new ProgressQuery(0, 10), none);
        yield return () => queries.FindPlaceAsync(new JobRecord(new Job { CorrelationId = JobId, Tenant = "acme", Cli = "claude" }, 0, 0, 0, "queued", null), DateTimeOffset.UnixEpoch, none);
        yield return () => queries.FindAttemptAsync(JobId, 1, none);
        yield return () => queries.ReadStoredBytesAsync(JobId, 1, none);
        yield return () => queries.FindRequestAsync(EmbeddedJobs.Alice, JobId, none);
        yield return () => queries.ReadFiguresAsync(EmbeddedJobs.Alice, none);
        yield return () => jobs.Get<IOutputStore>().ReadAsync(JobId, 1, OutputStream.Stdout, 0, 100, none);
        yield return () => jobs.Get<IOutputStore>().AppendAsync(new RunOutput { JobId = JobId, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = 0, Bytes = [1] }, none);
        var beat = new WorkerHeartbeat { WorkerId = Worker, Epoch = 1, WorkerName = "w", SentAt = DateTimeOffset.UnixEpoch, Slots = 1, Runs = [new RunKey(JobId, 1), new RunKey(Guid.NewGuid(), 1)], Settled = true };
        yield return () => jobs.Get<ILeaseStore>().RenewAsync(beat, DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(1), none);
        yield return () => jobs.Get<ILeaseStore>().SweepAsync(DateTimeOffset.MaxValue, none);
        yield return () => jobs.Get<ILeaseStore>().ExtendAllAsync(DateTimeOffset.MaxValue, none);
        var retention = jobs.Get<IRetentionStore>();
        yield return () => retention.PurgeKeysAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.PurgeEqualCallsAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.PurgeContentAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.PurgeJobsAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.PurgeDeadMessagesAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.PurgeCountersAsync(DateTimeOffset.MaxValue, 5, none);
        yield return () => retention.ReclaimAsync(none);
        foreach (var step in Lifecycle())
        {
            yield return () => InScopeAsync(jobs, step);
        }
    }

    // What a message of the lifecycle does to the rows, without the bus.
    private static IEnumerable<Func<GatewayDb, IJobLedger, Job, Task>> Lifecycle()
    {
        var none = CancellationToken.None;
        yield return (_, ledger, job) => ledger.ReadGrantAsync(job, none);
        yield return (_, ledger, job) => ledger.HoldLeaseAsync(job, DateTimeOffset.UnixEpoch, none);
        yield return (_, ledger, job) => ledger.RenewLeaseAsync(job, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, none);
        yield return (_, ledger, job) => ledger.EndLeaseAsync(job.CorrelationId, none);
        yield return (_, ledger, job) => ledger.ForgetReleaseAsync(job.CorrelationId, none);
        yield return (_, ledger, job) => ledger.WithdrawCommandAsync(job.CorrelationId, none);
        yield return (_, ledger, job) => ledger.AppendEventAsync(job, LifecycleEvent.Accepted, none);
        yield return (_, ledger, job) => ledger.RecordAttemptAsync(job, Reports.Result, null, none);
        yield return (_, ledger, job) => ledger.SettleCostAsync(job, none);
        yield return (_, ledger, job) => ledger.KeepConversationAsync(job, none);
        yield return (db, _, job) =>
        {
            db.Attach(job);
            job.CurrentState = "Running";
            return Task.CompletedTask;
        };
        yield return (db, _, _) => db.Jobs.FirstOrDefaultAsync(j => j.CorrelationId == JobId);
        var caps = Terms.Of(Terms.Queued(1), Terms.Queued(1, LimitScope.Tenant, null)).Judgement;
        yield return (db, _, job) => QueuedCaps.FindFullAsync(db, caps!, job, none);
        yield return (db, _, _) => db.Locks.Where(l => l.Name == LockRow.Admission).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1));
        yield return (db, _, _) => db.Set<InboxRow>().Where(r => r.ReceivedMs <= 5).ExecuteDeleteAsync();
        var numbers = new List<long> { 1, 2 };
        yield return (db, _, _) => db.Set<OutboxRow>().Where(r => numbers.Contains(r.Seq) && r.LockedUntilMs < 5 && r.DeadReason == null).ExecuteUpdateAsync(set => set.SetProperty(r => r.LockedUntilMs, 9).SetProperty(r => r.Owner, Worker));
        yield return (db, _, _) => db.Set<OutboxRow>().Where(r => numbers.Contains(r.Seq)).ExecuteDeleteAsync();
        yield return (db, _, _) => db.Set<OutboxRow>().AsNoTracking().Where(r => r.LockedUntilMs < 5 && r.DueMs <= 5 && r.DeadReason == null).OrderBy(r => r.Seq).Take(5).ToListAsync();
    }

    private static async Task InScopeAsync(EmbeddedJobs jobs, Func<GatewayDb, IJobLedger, Job, Task> step)
    {
        await using var scope = jobs.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var job = new Job { CorrelationId = JobId, CurrentState = "Queued", Tenant = "t", Grant = "g", Cli = "claude", PolicyHash = Terms.Hash, RequestCorrelationId = "c", Attempt = 2, WorkerId = Worker, KeepsSession = true };
        await step(db, scope.ServiceProvider.GetRequiredService<IJobLedger>(), job);
        await db.SaveChangesAsync();
    }

    private static System.Data.DataTable Lease() =>
        SilentSqlServer.Row(("JobId", JobId), ("Attempt", 1), ("Epoch", 1L), ("Lost", false), ("UntilMs", long.MaxValue), ("WorkerId", Worker));

    private static List<string> FaultsOf(string text)
    {
        using var reader = new StringReader(text);
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(reader, out var errors);
        return [.. errors.Select(error => $"{error.Message} in: {text}")];
    }
}
