using System.Diagnostics;
using Gateway.Jobs;
using Gateway.Storage;
using Gateway.Storage.Providers.Sqlite;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Storage;

public sealed class SqliteFileSpecs
{
    [Fact]
    public async Task A_second_process_on_the_file_is_told_what_to_do()
    {
        using var folder = new TestFolder();
        await using (var jobs = await new EmbeddedJobs(folder).StartAsync())
        {
            // Inside one process .NET's own table of locks would answer; flock asks the kernel, as another process does.
            using var other = Process.Start(new ProcessStartInfo("flock", ["--nonblock", "--conflict-exit-code", "7", folder.File("gateway.db.lock"), "true"]))!;
            await other.WaitForExitAsync();
            Assert.Equal(7, other.ExitCode);
        }

        using var holder = Process.Start(new ProcessStartInfo("flock", [folder.File("gateway.db.lock"), "sh", "-c", "echo held; exec cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());
        await using (var refused = new EmbeddedJobs(folder))
        {
            var problem = await Assert.ThrowsAsync<DatabaseInUseException>(refused.StartAsync);
            Assert.Contains("in use by another gateway process", problem.Message, StringComparison.Ordinal);
            Assert.Contains("Data:Folder", problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(folder.Path, problem.Message, StringComparison.Ordinal);
        }

        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        await using var next = await new EmbeddedJobs(folder).StartAsync();
        await next.SubmitAsync();
    }

    [Fact]
    public async Task The_file_its_log_and_its_index_are_their_owners_alone_from_the_first_byte_and_after_somebody_opened_them()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var folder = new TestFolder();
        foreach (var _ in (int[])[1, 2])
        {
            await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
            await jobs.SubmitAsync();
            foreach (var file in (string[])["gateway.db", "gateway.db-wal", "gateway.db-shm", "gateway.db.lock"])
            {
                Assert.Equal((file, ownerOnly), (file, File.GetUnixFileMode(folder.File(file))));
                File.SetUnixFileMode(folder.File(file), file.EndsWith(".lock", StringComparison.Ordinal) ? ownerOnly : ownerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }
        }
    }

    [Theory]
    [InlineData("FULL", 2L)]
    [InlineData("NORMAL", 1L)]
    public async Task Every_connection_has_the_stated_synchronous_and_the_file_is_in_wal(string setting, long expected)
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, settings: ("Storage:Sqlite:Synchronous", setting)).StartAsync();
        var contexts = jobs.Get<IDbContextFactory<GatewayDb>>();
        var open = new List<GatewayDb>();
        for (var i = 0; i < 4; i++)
        {
            // All open at once: four connections, the pooled ones of the start among them.
            var db = await contexts.CreateDbContextAsync();
            await db.Database.OpenConnectionAsync();
            open.Add(db);
            Assert.Equal(expected, await AskAsync(db, "PRAGMA synchronous"));
            Assert.Equal("wal", await AskAsync(db, "PRAGMA journal_mode"));
        }

        foreach (var db in open)
        {
            await db.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_migrations_make_the_model()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        Assert.False(await jobs.ReadAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
        Assert.Empty(await jobs.ReadAsync(db => db.Database.GetPendingMigrationsAsync()));
    }

    [Fact]
    public async Task A_process_killed_in_the_middle_of_a_migration_does_not_hold_up_the_next_start()
    {
        using var folder = new TestFolder();
        using (var file = folder.Open())
        using (var command = file.CreateCommand())
        {
            command.CommandText = """CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER PRIMARY KEY, "Timestamp" TEXT NOT NULL); INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00')""";
            command.ExecuteNonQuery();
        }

        await using var jobs = await new EmbeddedJobs(folder).StartAsync().WaitAsync(EmbeddedJobs.Patience);
        await jobs.SubmitAsync();
    }

    [Fact]
    public async Task A_full_disk_refuses_the_submit_and_takes_it_again_when_there_is_room()
    {
        using var folder = new TestFolder();
        await using var disk = await SmallDisk.TryMountAsync(folder.File("disk"), "3m");
        Assert.SkipWhen(disk is null, "A small disk can be mounted by root alone.");
        await using var jobs = await new EmbeddedJobs(folder, worker: false, settings: ("Storage:Sqlite:File", disk.File("gateway.db"))).StartAsync();
        var problem = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                await jobs.SubmitAsync(EmbeddedJobs.Request(new string('x', 100_000)));
            }
        });
        Assert.IsAssignableFrom<Exception>(problem.InnerException);
        var kept = await jobs.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.Requests.CountAsync(), await db.Set<Gateway.SagaPersistence.Outbox.OutboxRow>().CountAsync()));
        Assert.Equal((kept.Item1, kept.Item1), (kept.Item2, kept.Item3));

        await disk.GrowAsync("64m");
        await jobs.SubmitAsync();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_refuses_the_submit_and_is_read_all_the_same()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, worker: false, configure: services => services.ConfigureDbContext<SqliteGatewayDb>(
            options => options.AddInterceptors(new ReadOnlySwitch()))).StartAsync();
        var id = await jobs.SubmitAsync();
        ReadOnlySwitch.IsOn.Value = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.SubmitAsync());
        Assert.NotNull(await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None));
        ReadOnlySwitch.IsOn.Value = false;
        await jobs.SubmitAsync();
        Assert.Equal(2, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_lock_that_somebody_else_holds_refuses_the_submit_and_disturbs_no_reader()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var id = await jobs.SubmitAsync();
        using (var file = folder.Open())
        {
            using var begin = file.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            var submit = Task.Run(() => jobs.SubmitAsync());
            Assert.NotNull(await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => submit);
        }

        await jobs.SubmitAsync();
        Assert.Equal(2, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_wrong_setting_stops_the_start_with_its_name()
    {
        using var folder = new TestFolder();
        await using var jobs = new EmbeddedJobs(folder, settings: ("Storage:Sqlite:Synchronous", "OFF"));
        var problem = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(jobs.StartAsync);
        Assert.Contains(nameof(SqliteOptions.Synchronous), problem.Message, StringComparison.Ordinal);
    }

    private static async Task<object?> AskAsync(GatewayDb db, string text)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = text;
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Root is not stopped by modes: SQLite itself is told to refuse writes, with the code that a read-only folder gives.</summary>
    private sealed class ReadOnlySwitch : Microsoft.EntityFrameworkCore.Diagnostics.DbConnectionInterceptor
    {
        public static AsyncLocal<bool> IsOn { get; } = new();

        public override async Task ConnectionOpenedAsync(
            System.Data.Common.DbConnection connection, Microsoft.EntityFrameworkCore.Diagnostics.ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA query_only={(IsOn.Value ? "ON" : "OFF")}";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
