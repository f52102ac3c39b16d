using System.Data.Common;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Output;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

/// <summary>What only a server can do to a gateway.</summary>
public sealed class PostgreSqlSpecs
{
    [Fact]
    public async Task Processes_that_start_together_on_an_empty_database_all_start()
    {
        using var store = new PostgreSqlStore(withTables: false);
        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new EmbeddedJobs(store, worker: false).StartAsync())));
        foreach (var host in hosts)
        {
            await host.SubmitAsync();
        }

        Assert.Equal(4, await hosts[0].ReadAsync(db => db.Jobs.CountAsync()));
        Assert.Empty(await hosts[0].ReadAsync(db => db.Database.GetPendingMigrationsAsync()));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_migrations_make_the_model()
    {
        using var store = new PostgreSqlStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        Assert.False(await jobs.ReadAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
    }

    [Theory]
    [InlineData("42P07", null)]
    [InlineData("28P01", "nobody")]
    public async Task A_fault_that_no_wait_mends_fails_the_start_at_once_and_in_words(string code, string? user)
    {
        using var store = new PostgreSqlStore(withTables: false);
        PostgreSqlServer.Run("CREATE TABLE \"Jobs\" (x int)", store.ConnectionString);
        var connection = new NpgsqlConnectionStringBuilder(store.ConnectionString) { Pooling = false };
        connection.Username = user ?? connection.Username;
        await using var jobs = new EmbeddedJobs(new Elsewhere(connection.ConnectionString), worker: false);
        var began = TimeProvider.System.GetTimestamp();
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(jobs.StartAsync);

        // The limit would be a minute.
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
        Assert.Contains(code, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE \"Jobs\"")]
    [InlineData("COMMIT")]
    public async Task A_session_that_the_server_ends_in_the_middle_of_a_claim_costs_nothing(string when)
    {
        using var store = new PostgreSqlStore();
        var killer = new SessionKiller(when);
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, killer)).StartAsync();
        var id = await jobs.SubmitAsync();
        killer.Strikes = 2;
        var (granted, denied) = await jobs.ClaimAsync(id, 1, Guid.NewGuid());
        Assert.NotNull(granted);
        Assert.Null(denied);
        Assert.Equal(0, killer.Strikes);
        var job = await jobs.JobAsync(id);
        Assert.Equal(("Running", 1, 1), (job.CurrentState, job.Attempt, job.CountedAttempts));
    }

    [Theory]
    [InlineData("INSERT INTO \"Jobs\"")]
    [InlineData("COMMIT")]
    [InlineData("AFTER COMMIT")]
    public async Task A_session_that_the_server_ends_in_the_middle_of_a_submit_stores_and_counts_the_job_once(string when)
    {
        using var store = new PostgreSqlStore();
        var killer = new SessionKiller(when);
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, killer)).StartAsync();
        killer.Strikes = 1;
        var id = await jobs.SubmitAsync(terms: Terms.Of(Terms.Limit(5, windowSeconds: 86_400)));
        Assert.Equal(0, killer.Strikes);
        Assert.Equal((1_000_000, 1), await jobs.ReadAsync(async db => (await db.Counters.Select(c => c.UsedMicros).SingleAsync(), await db.Audit.CountAsync())));
        Assert.Equal(id, await jobs.ReadAsync(db => db.Jobs.Select(j => j.CorrelationId).SingleAsync()));
        Assert.Equal(1, await jobs.ReadAsync(db => db.Set<Gateway.SagaPersistence.Outbox.OutboxRow>().CountAsync()));
    }

    [Fact]
    public async Task Readers_find_new_sessions_when_the_server_has_ended_all()
    {
        using var store = new PostgreSqlStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await jobs.SubmitAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None)));
        var database = new NpgsqlConnectionStringBuilder(store.ConnectionString).Database;
        PostgreSqlServer.Run($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        Assert.NotNull(await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None));
        await jobs.SubmitAsync();
    }

    [Fact]
    public async Task Leases_go_by_the_databases_clock_and_no_wall_clock_that_is_set_moves_it()
    {
        using var store = new PostgreSqlStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(30));
        var wall = new JumpingClock(clock);
        await using var jobs = new EmbeddedJobs(store, worker: false, configure: services => services.AddSingleton<TimeProvider>(wall));
        await jobs.StartAsync();
        var leases = jobs.Get<IStoreClock>();
        var first = leases.GetUtcNow();
        Assert.InRange((first - TimeProvider.System.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        wall.Jump(TimeSpan.FromHours(1));
        Assert.Equal(first, leases.GetUtcNow());
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(first.AddSeconds(5), leases.GetUtcNow());
    }

    [Fact]
    public async Task A_sweep_waits_for_output_that_is_being_stored_under_the_lease()
    {
        using var store = new PostgreSqlStore();
        var pause = new Pause("INSERT INTO \"OutputChunks\"");
        await using var first = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, pause)).StartAsync();
        await using var second = await new EmbeddedJobs(store, worker: false).StartAsync();
        var (id, worker) = (await first.SubmitAsync(), Guid.NewGuid());
        Assert.NotNull((await first.ClaimAsync(id, 1, worker)).Granted);
        var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = 0, Bytes = [1] };
        var append = Task.Run(() => first.Get<IOutputStore>().AppendAsync(piece, CancellationToken.None));
        await pause.Reached.Task.WaitAsync(EmbeddedJobs.Patience);
        var sweep = Task.Run(() => second.Get<ILeaseStore>().SweepAsync(second.Clock.GetUtcNow().AddDays(1), CancellationToken.None));
        await EmbeddedJobs.EventuallyAsync(() => second.ReadAsync(db => db.Database.SqlQueryRaw<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS \"Value\"").SingleAsync()), "the sweep did not wait");
        pause.Go.SetResult();
        Assert.False((await append).Fenced);
        Assert.Equal(1, await sweep);
        Assert.True((await first.Get<IOutputStore>().AppendAsync(piece with { Offset = 1 }, CancellationToken.None)).Fenced);
    }

    private sealed class Elsewhere(string connection) : ITestStore
    {
        public IEnumerable<KeyValuePair<string, string?>> Settings => [new("Storage:Provider", "PostgreSql"), new("Storage:PostgreSql:ConnectionString", connection)];

        public void Intercept(IServiceCollection services, IInterceptor interceptor) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    /// <summary>Holds up the first statement that holds these words.</summary>
    private sealed class Pause(string words) : DbCommandInterceptor
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains(words, StringComparison.Ordinal))
            {
                Reached.TrySetResult();
                await Go.Task.WaitAsync(cancellationToken);
            }

            return result;
        }
    }

    /// <summary>Ends the session in which a statement is about to run, or whose transaction is about to be committed or has just been.</summary>
    private sealed class SessionKiller(string when) : DbCommandInterceptor, IDbTransactionInterceptor
    {
        public int Strikes { get; set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains(when, StringComparison.Ordinal))
            {
                Strike(command.Connection);
            }

            return ValueTask.FromResult(result);
        }

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (when == "COMMIT")
            {
                Strike(transaction.Connection);
            }

            return ValueTask.FromResult(result);
        }

        // The commit succeeded, and its caller hears that it did not.
        public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (when == "AFTER COMMIT" && Strikes > 0)
            {
                Strikes--;
                throw new NpgsqlException("The connection was lost.", new IOException());
            }

            return Task.CompletedTask;
        }

        private void Strike(DbConnection? connection)
        {
            if (Strikes > 0)
            {
                Strikes--;
                PostgreSqlServer.Run($"SELECT pg_terminate_backend({((NpgsqlConnection)connection!).ProcessID})");
            }
        }
    }
}
