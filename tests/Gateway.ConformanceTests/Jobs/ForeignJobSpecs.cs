using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class ForeignJobSpecsOnSqlite() : ForeignJobSpecs(Databases.Sqlite);

public sealed class ForeignJobSpecsOnPostgreSql() : ForeignJobSpecs(Databases.PostgreSql);

/// <summary>A job of another tenant, or of another grant, is an unknown one: to the statements too, so that no clock can tell.</summary>
public abstract class ForeignJobSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();

    [Fact]
    public async Task A_foreign_job_and_an_unknown_one_cannot_be_told_apart_by_answer_or_statement()
    {
        using var store = databases.NewStore();
        var log = new StatementLog();
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, log)).StartAsync();
        var waiting = await jobs.SubmitAsync();
        var running = await jobs.SubmitAsync();
        await jobs.ClaimAsync(running, 1, Worker);
        var completed = await jobs.SubmitAsync();
        await jobs.ClaimAsync(completed, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(completed, 1, Worker));

        foreach (var stranger in (Caller[])[EmbeddedJobs.Bob, new Caller("bolt", EmbeddedJobs.Alice.Grant)])
        {
            var (nothing, unknown) = await log.OfAsync(() => AskAllAsync(jobs, stranger, Guid.NewGuid()));
            Assert.Equal(8, nothing);
            Assert.Equal(8, unknown.Count);
            foreach (var foreign in (Guid[])[waiting, running, completed])
            {
                var (answers, said) = await log.OfAsync(() => AskAllAsync(jobs, stranger, foreign));
                Assert.Equal(nothing, answers);
                Assert.Equal(unknown, said);
            }
        }

        Assert.Equal("Running", (await jobs.JobAsync(running)).CurrentState);
    }

    /// <summary>Every question about one job; how many of them were answered with nothing.</summary>
    private static async Task<int> AskAllAsync(EmbeddedJobs jobs, Caller caller, Guid id)
    {
        var none = CancellationToken.None;
        var progress = new ProgressQuery(0, 32);
        object?[] answers =
        [
            await jobs.Reader.FindAsync(caller, id, progress, none),
            await jobs.Reader.WaitAsync(caller, id, progress, false, TimeSpan.FromMinutes(5), none),
            await jobs.Reader.WaitAsync(caller, id, progress, true, TimeSpan.FromMinutes(5), none),
            await jobs.Reader.FindOutputAsync(caller, id, null, none),
            await jobs.Reader.FindOutputAsync(caller, id, 1, none),
            await jobs.Reader.FindRequestAsync(caller, id, none),
            await jobs.Reader.ExistsAsync(caller, id, none) ? id : null,
            await jobs.Get<JobCancellation>().CancelAsync(caller, id, null, none),
        ];
        return answers.Count(answer => answer is null);
    }
}
