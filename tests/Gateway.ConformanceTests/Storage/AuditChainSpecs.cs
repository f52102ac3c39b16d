using Gateway.ConformanceTests.Support;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Retention;
using Gateway.Storage;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class AuditChainSpecsOnSqlite() : AuditChainSpecs(Databases.Sqlite);

public sealed class AuditChainSpecsOnPostgreSql() : AuditChainSpecs(Databases.PostgreSql)
{
    [Fact]
    public async Task A_record_that_commits_after_its_successors_takes_its_place_behind_them()
    {
        using var store = new PostgreSqlStore();
        await using var jobs = await StartAsync(store, records: 2);
        await using var slow = await jobs.Get<IDbContextFactory<GatewayDb>>().CreateDbContextAsync(Token);
        await using var transaction = await slow.Database.BeginTransactionAsync(Token);
        slow.Audit.Add(new AuditRow { AtMs = 1, Method = "tools/call", Decision = "allowed", Record = "{}" });
        await slow.SaveChangesAsync(Token);
        await RecordAsync(jobs, 2);
        Assert.Equal(2, await jobs.Get<AuditSealer>().SealAsync(Token));
        Assert.Equal(0, (await VerifyAsync(jobs)).FaultCount);
        await transaction.CommitAsync(Token);
        Assert.Equal(1, await jobs.Get<AuditSealer>().SealAsync(Token));
        Assert.Equal((5, 0), (await VerifyAsync(jobs)) is var verdict ? (verdict.Records, verdict.FaultCount) : default);
        Assert.Equal([1, 2, 4, 5, 3], await jobs.ReadAsync(db => db.AuditSeals.OrderBy(s => s.Seq).Select(s => s.AuditId).ToListAsync()));
    }
}

/// <summary>What somebody does to the audit log who has the database, and what a look at it finds.</summary>
public abstract class AuditChainSpecs(Databases databases)
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_gateways_write_is_sealed_once_and_found_whole()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 7);
        Assert.Equal(0, await jobs.Get<AuditSealer>().SealAsync(Token));
        await RecordAsync(jobs, 3);
        var loose = await VerifyAsync(jobs);
        Assert.Equal((7, 1, 7, 3, 0), (loose.Records, loose.First, loose.Last, loose.Waiting, loose.FaultCount));
        Assert.Equal(3, await jobs.Get<AuditSealer>().SealAsync(Token));
        var verdict = await VerifyAsync(jobs);
        Assert.Equal((10, 1, 10, 0, 0), (verdict.Records, verdict.First, verdict.Last, verdict.Waiting, verdict.FaultCount));
        Assert.Equal((4, 7, 10, 0), await NewestAsync(jobs, 4));
    }

    [Theory]
    [InlineData("UPDATE \"Audit\" SET \"Record\" = replace(\"Record\", 'allowed', 'denied') WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"Audit\" SET \"Tenant\" = 'globex' WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"Audit\" SET \"Grant\" = NULL WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"Audit\" SET \"AtMs\" = \"AtMs\" + 1 WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"Audit\" SET \"Mac\" = (SELECT b.\"Mac\" FROM \"Audit\" b WHERE b.\"AuditId\" = 5) WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"AuditSeals\" SET \"AuditId\" = 99 WHERE \"AuditId\" = 4")]
    [InlineData("UPDATE \"AuditSeals\" SET \"Hash\" = 'ab' WHERE \"AuditId\" = 4")]
    public async Task A_changed_record_or_link_is_found(string statement)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, statement);
        var verdict = await VerifyAsync(jobs);
        Assert.NotEqual(0, verdict.FaultCount);
        Assert.Contains(verdict.Faults, fault => fault.Seq == 4);
    }

    [Fact]
    public async Task A_record_whose_whole_text_was_replaced_by_that_of_another_is_found()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, "UPDATE \"Audit\" SET \"Record\" = (SELECT b.\"Record\" FROM \"Audit\" b WHERE b.\"AuditId\" = 5), \"Mac\" = (SELECT b.\"Mac\" FROM \"Audit\" b WHERE b.\"AuditId\" = 5), "
            + "\"AtMs\" = (SELECT b.\"AtMs\" FROM \"Audit\" b WHERE b.\"AuditId\" = 5) WHERE \"AuditId\" = 4");
        Assert.Contains((await VerifyAsync(jobs)).Faults, fault => (fault.Kind, fault.Seq) == (AuditFaults.Changed, 4));
    }

    [Theory]
    [InlineData("DELETE FROM \"Audit\" WHERE \"AuditId\" = 4")]
    [InlineData("DELETE FROM \"AuditSeals\" WHERE \"AuditId\" = 4; DELETE FROM \"Audit\" WHERE \"AuditId\" = 4")]
    [InlineData("DELETE FROM \"AuditSeals\" WHERE \"AuditId\" <= 4; DELETE FROM \"Audit\" WHERE \"AuditId\" <= 4")]
    public async Task A_removed_record_is_found(string statement)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, statement);
        var fault = Assert.Single((await VerifyAsync(jobs)).Faults);
        Assert.Equal(AuditFaults.Missing, fault.Kind);
        Assert.Equal(statement.Contains("<=", StringComparison.Ordinal) ? 1 : 4, fault.Seq);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_that_was_put_in_is_found_before_and_after_its_seal(bool isSealed)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, Insert("'k1:0000'"));
        await RunAsync(jobs, Insert("''"));
        if (isSealed)
        {
            Assert.Equal(2, await jobs.Get<AuditSealer>().SealAsync(Token));
        }

        var verdict = await VerifyAsync(jobs);
        Assert.Equal(2, verdict.FaultCount);
        Assert.All(verdict.Faults, fault => Assert.True(fault.Id > 8));
        Assert.Contains(verdict.Faults, fault => fault.Kind == AuditFaults.Inserted);
    }

    [Fact]
    public async Task A_copy_of_a_record_is_found()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, "INSERT INTO \"Audit\" (\"AtMs\",\"Tenant\",\"Grant\",\"Method\",\"Tool\",\"Decision\",\"JobId\",\"Record\",\"Mac\") "
            + "SELECT \"AtMs\",\"Tenant\",\"Grant\",\"Method\",\"Tool\",\"Decision\",\"JobId\",\"Record\",\"Mac\" FROM \"Audit\" WHERE \"AuditId\" = 4");
        await jobs.Get<AuditSealer>().SealAsync(Token);
        Assert.Equal((AuditFaults.Inserted, 9L), Assert.Single((await VerifyAsync(jobs)).Faults) is var fault ? (fault.Kind, fault.Id ?? 0) : default);
    }

    [Theory]
    [InlineData("DELETE FROM \"Audit\" WHERE \"AuditId\" > 5; DELETE FROM \"AuditSeals\" WHERE \"AuditId\" > 5")]
    [InlineData("DELETE FROM \"Audit\" WHERE \"AuditId\" > 5; DELETE FROM \"AuditSeals\" WHERE \"AuditId\" > 5; DELETE FROM \"AuditAnchors\"")]
    [InlineData("DELETE FROM \"Audit\" WHERE \"AuditId\" > 5; DELETE FROM \"AuditSeals\" WHERE \"AuditId\" > 5; UPDATE \"AuditAnchors\" SET \"Seq\" = 5, \"Hash\" = (SELECT \"Hash\" FROM \"AuditSeals\" WHERE \"Seq\" = 5)")]
    [InlineData("DELETE FROM \"Audit\"; DELETE FROM \"AuditSeals\"; DELETE FROM \"AuditAnchors\"")]
    public async Task A_cut_tail_is_found_and_nothing_is_sealed_behind_it(string statement)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 8);
        await RunAsync(jobs, statement);
        Assert.Contains((await VerifyAsync(jobs)).Faults, fault => fault.Kind == AuditFaults.Cut);
        await RecordAsync(jobs, 1);
        await jobs.Get<AuditSealer>().SealAsync(Token);
        Assert.Contains((await VerifyAsync(jobs)).Faults, fault => fault.Kind == AuditFaults.Cut);
    }

    [Fact]
    public async Task An_end_that_was_set_back_to_an_older_genuine_one_is_found_by_who_has_seen_the_newer()
    {
        using var store = databases.NewStore();
        var (clock, memory) = (new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60)), new TestAuditMemory());
        await using (var jobs = await StartAsync(store, records: 5, clock, memory: memory))
        {
            var old = await jobs.ReadAsync(db => db.AuditAnchors.AsNoTracking().SingleAsync());
            await RecordAsync(jobs, 3);
            await jobs.Get<AuditSealer>().SealAsync(Token);
            await RunAsync(jobs, "DELETE FROM \"Audit\" WHERE \"AuditId\" > 5; DELETE FROM \"AuditSeals\" WHERE \"AuditId\" > 5");
            await jobs.ReadAsync(db => db.AuditAnchors.ExecuteUpdateAsync(set => set.SetProperty(a => a.Seq, old.Seq).SetProperty(a => a.Hash, old.Hash).SetProperty(a => a.Mac, old.Mac)));
            Assert.Contains("had 8 when this gateway last looked", Assert.Single((await VerifyAsync(jobs)).Faults).Text, StringComparison.Ordinal);
            await RecordAsync(jobs, 1);
            Assert.Equal(0, await jobs.Get<AuditSealer>().SealAsync(Token));
            Assert.Contains("cut off", jobs.Get<AuditSealer>().Fault, StringComparison.Ordinal);
        }

        // More records, sealed by who has not seen it, hide nothing: the link that was seen is another one.
        clock.Now += TimeSpan.FromMinutes(1);
        await using (var other = await StartAsync(store, records: 6, clock))
        {
            Assert.Equal(0, (await VerifyAsync(other)).FaultCount);
        }

        await using var later = await StartAsync(store, records: 0, clock, memory: memory);
        Assert.Contains("made anew", Assert.Single((await VerifyAsync(later)).Faults).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_of_rolled_back_transactions_and_late_commits_are_no_gap()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, records: 2);
        await RunAsync(jobs, Insert("''"));
        await RunAsync(jobs, "DELETE FROM \"Audit\" WHERE \"AuditId\" = 3");
        await RecordAsync(jobs, 2);
        await jobs.Get<AuditSealer>().SealAsync(Token);
        Assert.Equal(0, (await VerifyAsync(jobs)).FaultCount);
        Assert.Equal(4, (await VerifyAsync(jobs)).Records);
    }

    [Fact]
    public async Task Of_several_processes_one_seals_at_a_time_and_the_next_takes_over_when_it_is_gone()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var jobs = await StartAsync(store, records: 2, clock);
        var (first, second) = (jobs.Get<IAuditStore>(), Guid.NewGuid());
        await RecordAsync(jobs, 2);
        Assert.False(await first.HoldAsync(second, clock.Now, clock.Now.AddSeconds(30), Token));
        Assert.Null(await first.SealAsync(second, 0, 10, Token));
        clock.Now += TimeSpan.FromSeconds(31);
        Assert.True(await first.HoldAsync(second, clock.Now, clock.Now.AddSeconds(30), Token));
        Assert.Equal([3, 4], await first.SealAsync(second, 0, 10, Token) ?? []);
        Assert.Equal(0, (await VerifyAsync(jobs)).FaultCount);
    }

    [Fact]
    public async Task A_changed_key_goes_on_with_the_chain_and_one_that_is_gone_is_named()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using (await StartAsync(store, records: 3, clock))
        {
        }

        clock.Now += TimeSpan.FromMinutes(1);
        await using (var changed = await StartAsync(store, records: 3, clock, TestAuditKeys.Of("k2", "k1")))
        {
            Assert.Equal((6, 0), (await VerifyAsync(changed)) is var verdict ? (verdict.Records, verdict.FaultCount) : default);
            Assert.Equal(["k1", "k1", "k1", "k2", "k2", "k2"], await changed.ReadAsync(db => db.AuditSeals.OrderBy(s => s.Seq).Select(s => s.KeyId).ToListAsync()));
        }

        await using (var forgetful = await StartAsync(store, records: 0, clock, TestAuditKeys.Of("k2")))
        {
            var faults = (await VerifyAsync(forgetful)).Faults;
            Assert.Equal(3, faults.Count);
            Assert.All(faults, fault => Assert.Equal(AuditFaults.UnknownKey, fault.Kind));
        }

        await using var stranger = await StartAsync(store, records: 1, clock, TestAuditKeys.Of("k3"));
        Assert.Contains("Audit:KeyFile", stranger.Get<AuditSealer>().Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_sealed_records_go_and_the_rest_is_verified_from_an_anchor()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var jobs = await StartAsync(store, records: 4, clock);
        await RecordAsync(jobs, 1, clock.Now);
        clock.Now += TimeSpan.FromDays(366);
        await RecordAsync(jobs, 2, clock.Now);

        // What is not sealed stays, however old it is.
        await jobs.Get<RetentionSweeper>().SweepAsync(Token);
        Assert.Equal([5, 6, 7], await IdsAsync(jobs));
        await jobs.Get<AuditSealer>().SealAsync(Token);
        await jobs.Get<RetentionSweeper>().SweepAsync(Token);
        Assert.Equal([6, 7], await IdsAsync(jobs));
        var verdict = await VerifyAsync(jobs);
        Assert.Equal((2, 6, 7, 0), (verdict.Records, verdict.First, verdict.Last, verdict.FaultCount));
        await RunAsync(jobs, "DELETE FROM \"Audit\" WHERE \"AuditId\" = 6; DELETE FROM \"AuditSeals\" WHERE \"AuditId\" = 6");
        Assert.Equal((AuditFaults.Missing, 6L), Assert.Single((await VerifyAsync(jobs)).Faults) is var fault ? (fault.Kind, fault.Seq ?? 0) : default);
        await RunAsync(jobs, "UPDATE \"AuditAnchors\" SET \"Seq\" = 6 WHERE \"Name\" = 'start'");
        Assert.Contains((await VerifyAsync(jobs)).Faults, one => one.Kind == AuditFaults.Cut);
    }

    [Fact]
    public async Task A_record_that_was_made_to_look_old_is_not_removed()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var jobs = await StartAsync(store, records: 0, clock);
        await RecordAsync(jobs, 3, clock.Now);
        await jobs.Get<AuditSealer>().SealAsync(Token);
        await RunAsync(jobs, "UPDATE \"Audit\" SET \"AtMs\" = 5");
        await jobs.Get<RetentionSweeper>().SweepAsync(Token);
        Assert.Equal([1, 2, 3], await IdsAsync(jobs));
    }

    private protected static async Task<EmbeddedJobs> StartAsync(ITestStore store, int records, SetStoreClock? clock = null, AuditKeys? keys = null, TestAuditMemory? memory = null)
    {
        var jobs = await new EmbeddedJobs(store, worker: false, settings: [("Audit:SealInterval", "00:01:00")], configure: services =>
        {
            if (clock is not null)
            {
                services.AddSingleton<IStoreClock>(clock);
            }

            if (memory is not null)
            {
                services.AddSingleton<IAuditMemory>(memory);
            }

            if (keys is not null)
            {
                services.AddSingleton(keys);
            }
        }).StartAsync();
        await RecordAsync(jobs, records);
        await jobs.Get<AuditSealer>().SealAsync(Token);
        return jobs;
    }

    private protected static async Task RecordAsync(EmbeddedJobs jobs, int records, DateTimeOffset? at = null)
    {
        for (var i = 0; i < records; i++)
        {
            var record = Terms.Record(EmbeddedJobs.Alice);
            await jobs.Get<IAuditLog>().AppendAsync(record with { At = at ?? record.At.AddSeconds(i) }, Token);
        }
    }

    private protected static Task<AuditVerdict> VerifyAsync(EmbeddedJobs jobs) => jobs.Get<AuditVerifier>().VerifyAsync(null, Token);

    private static async Task<(long Records, long First, long Last, long Faults)> NewestAsync(EmbeddedJobs jobs, long newest)
    {
        var verdict = await jobs.Get<AuditVerifier>().VerifyAsync(newest, Token);
        return (verdict.Records, verdict.First, verdict.Last, verdict.FaultCount);
    }

    private static Task<List<long>> IdsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Audit.OrderBy(a => a.AuditId).Select(a => a.AuditId).ToListAsync());

    private static string Insert(string mac) =>
        $"INSERT INTO \"Audit\" (\"AtMs\",\"Method\",\"Decision\",\"Record\",\"Mac\") VALUES (1, 'tools/call', 'allowed', '{{{{\"method\":\"tools/call\"}}}}', {mac})";

    private static Task<int> RunAsync(EmbeddedJobs jobs, string statement) => jobs.ReadAsync(db => db.Database.ExecuteSqlRawAsync(statement, Token));
}
