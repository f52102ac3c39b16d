using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Retention;
using Gateway.Jobs.Sessions;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class SessionRetentionSpecsOnSqlite() : SessionRetentionSpecs(Databases.Sqlite);

public sealed class SessionRetentionSpecsOnPostgreSql() : SessionRetentionSpecs(Databases.PostgreSql);

/// <summary>How long conversations are kept, and what they keep.</summary>
public abstract class SessionRetentionSpecs
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly JumpingClock clock = new(new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));
    private readonly Databases databases;

    protected SessionRetentionSpecs(Databases databases) => this.databases = databases;

    [Fact]
    public async Task A_session_goes_its_time_after_it_was_used_last_and_all_its_transcripts_with_it()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, ("Retention:Content", "90.00:00:00"), ("Retention:Sessions", "10.00:00:00"));
        var session = await BeginAsync(jobs);
        await PassAsync(jobs, TimeSpan.FromDays(9));
        await EndedAsync(jobs, session);
        await PassAsync(jobs, TimeSpan.FromDays(10));
        Assert.Equal((1, 2), await LeftAsync(jobs));

        await PassAsync(jobs, TimeSpan.FromSeconds(1));

        Assert.Equal((0, 0), await LeftAsync(jobs));
        Assert.Equal(2, await jobs.ReadAsync(db => db.Jobs.CountAsync(j => j.Content == JobContent.Kept)));
    }

    [Fact]
    public async Task The_transcript_that_a_session_goes_on_from_outlives_the_content_of_its_job_and_the_others_do_not()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, ("Retention:Sessions", "200.00:00:00"));
        var session = await BeginAsync(jobs);
        var last = await EndedAsync(jobs, session);

        await PassAsync(jobs, TimeSpan.FromDays(100));

        Assert.Equal((1, 1), await LeftAsync(jobs));
        Assert.Equal(last, await jobs.ReadAsync(db => db.Chunks.Select(c => c.JobId).SingleAsync()));
        // Its job is there still, so that nothing of the conversation has lost its owner; the one before is forgotten.
        var left = await jobs.ReadAsync(db => db.Jobs.SingleAsync());
        Assert.Equal((last, JobContent.Gone), (left.CorrelationId, left.Content));

        await PassAsync(jobs, TimeSpan.FromDays(101));
        Assert.Equal((0, 0), await LeftAsync(jobs));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task What_an_old_head_had_held_back_goes_with_its_job_when_the_session_has_gone_on()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, ("Retention:Sessions", "200.00:00:00"));
        var session = await BeginAsync(jobs);
        await PassAsync(jobs, TimeSpan.FromDays(31));
        Assert.Equal((1, 1), await LeftAsync(jobs));
        var next = await EndedAsync(jobs, session);

        await PassAsync(jobs, TimeSpan.FromDays(60));

        Assert.Equal(next, await jobs.ReadAsync(db => db.Chunks.Select(c => c.JobId).SingleAsync()));
        Assert.Equal(1, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_session_with_an_open_job_stays_however_long_nobody_used_it()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var session = await BeginAsync(jobs);
        await jobs.SubmitAsync(In(session));

        await PassAsync(jobs, TimeSpan.FromDays(40));

        Assert.Equal((1, 1), await LeftAsync(jobs));
    }

    [Fact]
    public async Task One_that_its_caller_began_to_remove_is_removed_by_the_sweeper_in_small_pieces()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var session = await BeginAsync(jobs);
        var job = await jobs.ReadAsync(db => db.Jobs.SingleAsync());
        for (var offset = 4L; offset < 154; offset++)
        {
            await jobs.AddAsync(new Gateway.Storage.Model.ChunkRow { JobId = job.CorrelationId, Attempt = 1, Stream = OutputStream.Transcript, Offset = offset, Bytes = [1] });
        }

        // As a process that was killed after the first commit leaves it.
        await jobs.ReadAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.Tenant, "").SetProperty(s => s.Grant, "")));
        var retention = jobs.Get<IRetentionStore>();
        Assert.Equal(new PurgedBatch(0, More: true), await retention.PurgeSessionsAsync(DateTimeOffset.UnixEpoch, 20, CancellationToken.None));
        Assert.Equal((1, 87), await LeftAsync(jobs));
        await PassAsync(jobs, TimeSpan.Zero);

        Assert.Equal((0, 0), await LeftAsync(jobs));
        Assert.Null(await jobs.Get<ISessionStore>().FindAsync(EmbeddedJobs.Alice, session, CancellationToken.None));
    }

    private static RunRequest In(Guid session) => EmbeddedJobs.Request() with { Conversation = new ConversationChoice { Resumes = session }, Turns = [TurnKeys.OfSession(session)] };

    private Task<EmbeddedJobs> StartAsync(ITestStore store, params (string Key, string Value)[] settings) =>
        new EmbeddedJobs(store, clock, worker: false, settings: [("Retention:SweepInterval", "1.00:00:00"), .. settings]).StartAsync();

    private async Task PassAsync(EmbeddedJobs jobs, TimeSpan time)
    {
        clock.Jump(time);
        await jobs.Get<RetentionSweeper>().SweepAsync(CancellationToken.None);
    }

    private static Task<(int Sessions, int Transcripts)> LeftAsync(EmbeddedJobs jobs) =>
        jobs.ReadAsync(async db => (await db.Sessions.CountAsync(), await db.Chunks.CountAsync(c => c.Stream == OutputStream.Transcript)));

    private static async Task<Guid> BeginAsync(EmbeddedJobs jobs) => (await jobs.JobAsync(await EndedAsync(jobs, null))).SessionId;

    // With a transcript that is the head of its session.
    private static async Task<Guid> EndedAsync(EmbeddedJobs jobs, Guid? session)
    {
        var id = await jobs.SubmitAsync(session is { } named ? In(named) : EmbeddedJobs.Request());
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = OutputStream.Transcript, Offset = 0, Bytes = "said"u8.ToArray() };
        Assert.False((await jobs.Get<IOutputStore>().AppendAsync(piece, CancellationToken.None)).Fenced);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker));
        var of = (await jobs.JobAsync(id)).SessionId;
        await jobs.ReadAsync(db => db.Sessions.Where(s => s.SessionId == of)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.HeadJobId, id).SetProperty(s => s.HeadAttempt, 1).SetProperty(s => s.HeadBytes, 4)));
        return id;
    }
}
