using System.Security.Cryptography;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

/// <summary>A server that answers and cannot write.</summary>
public sealed class FullServerSpecs
{
    [Fact]
    public async Task A_database_that_may_only_be_read_refuses_submits_loses_nothing_and_goes_on_without_a_restart()
    {
        using var store = new PostgreSqlStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var (id, worker) = (await jobs.SubmitAsync(), Guid.NewGuid());
        Assert.NotNull((await jobs.ClaimAsync(id, 1, worker)).Granted);
        Write(store, allowed: false);

        var problem = await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.SubmitAsync());
        Assert.Contains("read-only", problem.InnerException!.ToString(), StringComparison.Ordinal);
        // The end of a run is not taken, so its worker keeps it; and what is stored is read.
        Assert.NotNull(await jobs.DeliverAsync(EndpointNames.JobLifecycle, Reports.Completed(id, 1, worker)));
        Assert.Equal("running", (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None))!.Status);

        Write(store, allowed: true);
        await jobs.SubmitAsync();
        Assert.True((await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, worker))).OutcomeStored);
        Assert.Equal("Completed", (await jobs.JobAsync(id)).CurrentState);
        Assert.Equal(2, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_server_whose_disk_is_full_refuses_submits_and_takes_them_again_when_there_is_room()
    {
        // Below no private folder: the server has a user of its own.
        var path = Directory.CreateDirectory($"/var/tmp/gateway-disk-{Guid.NewGuid():N}").FullName;
        try
        {
            await FillAsync(path);
        }
        finally
        {
            Directory.Delete(path);
        }
    }

    private static async Task FillAsync(string path)
    {
        var space = $"small_{Guid.NewGuid():N}";
        await using var disk = await SmallDisk.TryMountAsync(path, "24m");
        Assert.SkipWhen(disk is null, "A small disk can be mounted by root alone.");
        await disk.GiveToOwnerOfAsync(PostgreSqlServer.DataFolder());
        PostgreSqlServer.Run($"CREATE TABLESPACE {space} LOCATION '{path}'");
        try
        {
            using var store = new PostgreSqlStore(tablespace: space);
            await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
            var problem = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            {
                for (var i = 0; i < 1_000; i++)
                {
                    // Text that no compression makes small.
                    await jobs.SubmitAsync(EmbeddedJobs.Request(Convert.ToHexString(RandomNumberGenerator.GetBytes(200_000))));
                }
            });
            Assert.Contains(PostgresErrorCodes.DiskFull, problem.InnerException!.ToString(), StringComparison.Ordinal);
            var kept = await CountAsync(jobs);
            Assert.Equal((kept.Jobs, kept.Jobs), (kept.Requests, kept.Commands));
            Assert.NotEqual(0, kept.Jobs);

            await disk.GrowAsync("64m");
            await jobs.SubmitAsync();
            Assert.Equal(kept.Jobs + 1, (await CountAsync(jobs)).Jobs);
        }
        finally
        {
            PostgreSqlServer.Run($"DROP TABLESPACE {space}");
        }
    }

    private static Task<(int Jobs, int Requests, int Commands)> CountAsync(EmbeddedJobs jobs) =>
        jobs.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.Requests.CountAsync(), await db.Set<OutboxRow>().CountAsync()));

    // A setting of the database holds for new sessions: those that are open are ended.
    private static void Write(PostgreSqlStore store, bool allowed)
    {
        var name = new NpgsqlConnectionStringBuilder(store.ConnectionString).Database;
        PostgreSqlServer.Run($"ALTER DATABASE {name} SET default_transaction_read_only = {(allowed ? "off" : "on")}");
        PostgreSqlServer.Run($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    }
}
