using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class TextSpecsOnSqlite() : TextSpecs(Databases.Sqlite);

public sealed class TextSpecsOnPostgreSql() : TextSpecs(Databases.PostgreSql);

/// <summary>Text that agents print is stored whatever it holds, and found as it was written.</summary>
public abstract class TextSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();

    [Fact]
    public async Task What_no_database_can_hold_is_replaced_and_the_rest_is_kept()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await RunningAsync(jobs);
        var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = 0, Bytes = [0, 0xff, 0] };
        await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, piece with { Events = [Event("a\0b \ud800 c 😀")] });
        Assert.Equal("a\ufffdb \ufffd c 😀", await jobs.ReadAsync(db => db.Events.Where(e => e.Source == "provider").Select(e => e.Message).SingleAsync()));
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Reports.Failed(id, 1, Worker, "stderr said\0so"));
        Assert.Equal("stderr said\ufffdso", (await jobs.JobAsync(id)).FailureMessage);
    }

    [Fact]
    public async Task Words_of_a_worker_that_are_too_long_are_cut_and_never_within_a_character()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await RunningAsync(jobs);
        var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Stdout, Offset = 0, Bytes = [1] };
        await jobs.AskAsync<RunOutput, RunReceipt>(EndpointNames.RunOutput, piece with { Events = [Event(new string('x', 119) + "😀")] });
        Assert.Equal(new string('x', 119), await jobs.ReadAsync(db => db.Events.Where(e => e.Source == "provider").Select(e => e.Message).SingleAsync()));
        var failed = Reports.Failed(id, 1, Worker, new string('m', 2_000));
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, failed with
        {
            Failure = failed.Failure with { Kind = new string('k', 100), Signal = new string('s', 100) },
            Result = failed.Result with { Model = new string('o', 500), Streams = [.. Enumerable.Repeat(new StreamSummary { Stream = OutputStream.Stdout, LengthBytes = 1, Sha256 = new string('f', 64) }, 50)] },
        });
        var job = await jobs.JobAsync(id);
        Assert.Equal((500, 32, 16, 128), (job.FailureMessage!.Length, job.FailureKind!.Length, job.FailureSignal!.Length, job.Model!.Length));
    }

    [Theory]
    [InlineData("größe", true)]
    [InlineData("GRÖSSE", false)]
    [InlineData("GRÖß", true)]
    [InlineData("100%", true)]
    [InlineData("1_0", false)]
    [InlineData(@"c:\tmp", true)]
    [InlineData("OPUS", true)]
    [InlineData("label-1", true)]
    [InlineData("nothing of it", false)]
    public async Task Text_is_found_in_any_case_and_signs_of_patterns_are_signs(string text, bool found)
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        await jobs.SubmitAsync(EmbeddedJobs.Request(@"The Größe is 100% of C:\tmp", labels: "Label-1"));
        var page = await ListAsync(jobs, new JobFilter { Text = text, Limit = 10 });
        Assert.Equal(found ? 1 : 0, page.Count);
    }

    [Fact]
    public async Task A_label_is_found_whole_and_in_its_own_case()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        await jobs.SubmitAsync(EmbeddedJobs.Request(labels: ["team:a", "Nightly_1"]));
        foreach (var (label, count) in new[] { ("team:a", 1), ("team", 0), ("TEAM:A", 0), ("Nightly_1", 1), ("Nightly-1", 0), ("NightlyX1", 0) })
        {
            Assert.Equal(count, (await ListAsync(jobs, new JobFilter { Labels = [label], Limit = 10 })).Count);
        }
    }

    [Fact]
    public async Task Pages_of_jobs_made_in_the_same_millisecond_hold_each_job_once()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        for (var i = 0; i < 23; i++)
        {
            await jobs.SubmitAsync();
        }

        await jobs.ReadAsync(db => db.Database.ExecuteSqlRawAsync("UPDATE \"Jobs\" SET \"CreatedAtMs\" = 1000"));
        var seen = new List<Guid>();
        JobCursor? after = null;
        while (true)
        {
            // The page asks for one more, to know whether there is a next one.
            var page = (await ListAsync(jobs, new JobFilter { Limit = 5, After = after })).Take(5).ToList();
            if (page.Count == 0)
            {
                break;
            }

            seen.AddRange(page.Select(record => record.Job.CorrelationId));
            after = new JobCursor(page[^1].Job.CreatedAtMs, page[^1].Job.CorrelationId);
        }

        Assert.Equal((23, 23), (seen.Count, seen.Distinct().Count()));
    }

    private static Task<IReadOnlyList<JobRecord>> ListAsync(EmbeddedJobs jobs, JobFilter filter) =>
        jobs.Get<IJobQueries>().ListAsync(EmbeddedJobs.Alice, filter, CancellationToken.None);

    private static async Task<Guid> RunningAsync(EmbeddedJobs jobs)
    {
        var id = await jobs.SubmitAsync();
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static AgentEvent Event(string message) =>
        new() { EndOffset = 1, At = DateTimeOffset.UnixEpoch.AddYears(56), Phase = "tool", Kind = "tool_start", Message = message, Source = "provider" };
}
