using System.Text;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Gateway.Jobs.Retention;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

/// <summary>What retention leaves of a job in the files of SQLite.</summary>
public sealed class SqliteRetentionSpecs
{
    private const string Secret = "Hush-9b1f4c7e";

    [Fact]
    public async Task Removed_prompts_and_output_are_in_no_file_any_more_and_their_room_is_given_back()
    {
        using var folder = new TestFolder();
        var clock = new JumpingClock(new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false, settings: ("Retention:SweepInterval", "1.00:00:00")).StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await EndedAsync(jobs, i);
        }

        Assert.True(Holds(folder, Secret));
        await jobs.Get<RetentionSweeper>().SweepAsync(CancellationToken.None);
        var full = new FileInfo(folder.File("gateway.db")).Length;
        Assert.True(Holds(folder, Secret));

        clock.Jump(TimeSpan.FromDays(31));
        await jobs.Get<RetentionSweeper>().SweepAsync(CancellationToken.None);

        Assert.False(Holds(folder, Secret));
        Assert.Equal(0, new FileInfo(folder.File("gateway.db-wal")).Length);
        Assert.InRange(new FileInfo(folder.File("gateway.db")).Length, 1, full - (5 * 600_000));
    }

    [Fact]
    public async Task A_reader_who_keeps_the_log_from_being_emptied_is_not_waited_for()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        await jobs.SubmitAsync();
        var retention = jobs.Get<IRetentionStore>();
        using (var other = folder.Open())
        using (var reading = other.BeginTransaction(deferred: true))
        using (var command = other.CreateCommand())
        {
            command.Transaction = reading;
            command.CommandText = """SELECT COUNT(*) FROM "Jobs";""";
            command.ExecuteScalar();
            await jobs.SubmitAsync();
            Assert.False(await retention.ReclaimAsync(CancellationToken.None));
            await jobs.SubmitAsync();
        }

        Assert.True(await retention.ReclaimAsync(CancellationToken.None));
    }

    private static async Task EndedAsync(EmbeddedJobs jobs, int number)
    {
        var worker = Guid.NewGuid();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request($"{Secret} {new string((char)('a' + number), 100_000)}"));
        Assert.NotNull((await jobs.ClaimAsync(id, 1, worker)).Granted);
        for (var i = 0; i < 10; i++)
        {
            var bytes = new byte[50_000];
            Encoding.UTF8.GetBytes(Secret, bytes);
            await jobs.Get<IOutputStore>().AppendAsync(
                new RunOutput { JobId = id, Attempt = 1, WorkerId = worker, Epoch = 1, Stream = OutputStream.Transcript, Offset = i * 50_000, Bytes = bytes }, CancellationToken.None);
        }

        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, worker));
    }

    private static bool Holds(TestFolder folder, string text) => Directory.EnumerateFiles(folder.Path, "gateway.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Any(file =>
    {
        using var bytes = new MemoryStream();
        using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        open.CopyTo(bytes);
        return bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });
}
