using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.Policies.Approvals;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class TurnSpecsOnSqlite() : TurnSpecs(Databases.Sqlite);

public sealed class TurnSpecsOnPostgreSql() : TurnSpecs(Databases.PostgreSql);

/// <summary>What one job at a time may have: a conversation, and a directory in which files are changed.</summary>
public abstract class TurnSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly string Repository = TurnKeys.OfDirectory(EndpointNames.DefaultPool, "/srv/repository");
    private static readonly string Library = TurnKeys.OfDirectory(EndpointNames.DefaultPool, "/srv/library");

    [Fact]
    public async Task Jobs_that_change_one_directory_run_one_after_another_in_order_of_acceptance()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var ids = await SubmitAsync(jobs, Repository, Repository, Library, Repository);

        var waiting = await ViewAsync(jobs, ids[1]);
        Assert.Equal((JobStatus.Queued, "waiting", null, null), (waiting.Status, waiting.Progress!.Phase, waiting.QueuePosition, waiting.NotBefore));
        Assert.Equal(["The job was accepted.", "The job waits until another one of its session or directory has ended."], waiting.Progress.Events.Select(e => e.Message));
        Assert.Equal([ids[0], ids[2]], await BeginAsync(jobs, 2));

        await EndAsync(jobs, ids[0]);
        Assert.Equal([ids[1]], await BeginAsync(jobs, 1));
        Assert.Equal("waiting", (await ViewAsync(jobs, ids[3])).Progress!.Phase);
        await EndAsync(jobs, ids[1]);
        Assert.Equal([ids[3]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, ids[3]);
        await EndAsync(jobs, ids[2]);

        Assert.Contains("It is the job's turn.", (await ViewAsync(jobs, ids[3])).Progress!.Events.Select(e => e.Message));
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_canceled_job_leaves_the_line_and_the_next_one_goes_when_the_first_has_ended()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var ids = await SubmitAsync(jobs, Repository, Repository, Repository);
        await BeginAsync(jobs, 1);

        await CancelAsync(jobs, ids[1]);
        Assert.Equal("waiting", (await ViewAsync(jobs, ids[2])).Progress!.Phase);
        await EndAsync(jobs, ids[0]);

        Assert.Equal([ids[2]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, ids[2]);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_job_of_two_lines_takes_both_turns_or_none_and_nobody_overtakes_it()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var first = await SubmitAsync(jobs, Repository);
        var both = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Turns = [Repository, Library] });
        // The library is free, but whoever came before waits for it too.
        var last = await SubmitAsync(jobs, Library);
        Assert.Equal([first[0]], await BeginAsync(jobs, 1));
        Assert.Equal("waiting", (await ViewAsync(jobs, last[0])).Progress!.Phase);

        await EndAsync(jobs, first[0]);
        Assert.Equal([both], await BeginAsync(jobs, 1));
        await EndAsync(jobs, both);
        Assert.Equal([last[0]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, last[0]);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task Whoever_waited_behind_a_canceled_job_of_two_lines_goes_at_once()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var first = await SubmitAsync(jobs, Repository);
        var both = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Turns = [Repository, Library] });
        var last = await SubmitAsync(jobs, Library);
        await BeginAsync(jobs, 1);

        await CancelAsync(jobs, both);

        Assert.Equal([last[0]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, last[0]);
        await EndAsync(jobs, first[0]);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_conversation_has_one_run_at_a_time_from_its_first_job_on()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var first = await jobs.SubmitAsync();
        var session = (await jobs.JobAsync(first)).SessionId;
        var second = await jobs.SubmitAsync(Resuming(session));
        var fork = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Conversation = new ConversationChoice { Resumes = session, Forks = true } });

        Assert.Equal([first, fork], await BeginAsync(jobs, 2));
        Assert.Equal("waiting", (await ViewAsync(jobs, second)).Progress!.Phase);
        await EndAsync(jobs, first);

        Assert.Equal([second], await BeginAsync(jobs, 1));
        Assert.Equal((session, 2, (Guid?)second), await jobs.ReadAsync(db => db.Sessions.Where(s => s.SessionId == session).Select(s => new ValueTuple<Guid, int, Guid?>(s.SessionId, s.JobCount, s.LastJobId)).SingleAsync()));
        Assert.NotEqual(session, (await jobs.JobAsync(fork)).SessionId);
        await EndAsync(jobs, second);
        await EndAsync(jobs, fork);
        var third = await jobs.SubmitAsync(Resuming(session));
        Assert.Equal([third], await BeginAsync(jobs, 1));
        await EndAsync(jobs, third);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_session_of_another_caller_or_one_that_is_gone_is_not_gone_on_with()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var session = (await jobs.JobAsync(await jobs.SubmitAsync())).SessionId;

        Assert.Equal(session, Assert.IsType<SubmitOutcome.SessionGone>(await jobs.TrySubmitAsync(Resuming(session), EmbeddedJobs.Bob)).SessionId);
        Assert.IsType<SubmitOutcome.SessionGone>(await jobs.TrySubmitAsync(Resuming(session) with { Conversation = new ConversationChoice { Resumes = session, Forks = true } }, EmbeddedJobs.Bob));
        Assert.IsType<SubmitOutcome.SessionGone>(await jobs.TrySubmitAsync(Resuming(Guid.NewGuid())));
        Assert.Equal((1, 1), await jobs.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.Sessions.CountAsync())));
    }

    [Fact]
    public async Task A_job_that_waits_for_a_person_lets_others_pass_and_enters_the_line_when_it_is_approved()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var held = Assert.IsType<SubmitOutcome.Accepted>(await jobs.TrySubmitAsync(
            EmbeddedJobs.Request() with { Turns = [Repository] }, terms: HeldCallSpecs.Held(ApprovalMode.Job)));
        var approval = Assert.Single((await jobs.Get<ApprovalDesk>().ListAsync(new ApprovalFilter { Tenant = "acme" }, CancellationToken.None)).Page);
        var other = await SubmitAsync(jobs, Repository);
        Assert.Equal([other[0]], await BeginAsync(jobs, 1));

        await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Of(new Caller("acme", "carol")), approval.Id, approve: true, null, CancellationToken.None);
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(db => db.TurnWaits.AnyAsync(w => w.IsReady)), "it is in the line");
        await EndAsync(jobs, other[0]);

        var begun = Assert.Single(await BeginAsync(jobs, 1));
        Assert.Equal(held.Job.Id, JobIdText.Format(begun));
        await EndAsync(jobs, begun);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_start_that_was_asked_for_later_is_kept_when_the_turn_comes()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        await using var jobs = await new EmbeddedJobs(store, clock: clock).StartAsync();
        var first = await SubmitAsync(jobs, Repository);
        var start = clock.GetUtcNow().AddHours(1);
        var later = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Turns = [Repository], StartAfter = start });
        await BeginAsync(jobs, 1);

        await EndAsync(jobs, first[0]);

        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(later)).DueAtMs == start.ToUnixTimeMilliseconds(), "it is due at the hour that was asked for");
        Assert.Equal(start, (await ViewAsync(jobs, later)).NotBefore);
    }

    [Fact]
    public async Task Submits_and_ends_at_the_same_time_in_two_processes_leave_no_job_behind_and_never_run_two()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var first = await both.First.SubmitAsync();
        var session = (await both.First.JobAsync(first)).SessionId;
        List<Guid> ids = [first];
        for (var round = 0; round < 10; round++)
        {
            var running = await OneIsOutAsync(both.First);
            var made = await both.AllAtOnceAsync(5, async (jobs, i) =>
            {
                if (i > 0)
                {
                    return await jobs.SubmitAsync(Resuming(session));
                }

                await EndAsync(jobs, running);
                return running;
            });
            ids.AddRange(made.Where(id => id != running));
            Assert.True(await both.First.ReadAsync(db => db.Turns.CountAsync()) <= 1);
        }

        while (await both.First.ReadAsync(db => db.Jobs.AnyAsync(j => j.FinishedAtMs == null)))
        {
            await EndAsync(both.First, await OneIsOutAsync(both.First));
        }

        Assert.Equal(41, ids.Distinct().Count());
        await AssertNothingLeftAsync(both.First);
    }

    private static RunRequest Resuming(Guid session) =>
        EmbeddedJobs.Request() with { Conversation = new ConversationChoice { Resumes = session }, Turns = [TurnKeys.OfSession(session)] };

    private static async Task<List<Guid>> SubmitAsync(EmbeddedJobs jobs, params string[] keys)
    {
        List<Guid> ids = [];
        foreach (var key in keys)
        {
            ids.Add(await jobs.SubmitAsync(EmbeddedJobs.Request() with { Turns = [key] }));
        }

        return ids;
    }

    // Commands of several jobs leave in one look; which is first is not what is asked here.
    private static async Task<List<Guid>> BeginAsync(EmbeddedJobs jobs, int count)
    {
        List<(Guid Id, long At)> begun = [];
        while (begun.Count < count)
        {
            var command = await jobs.NextCommandAsync();
            Assert.NotNull((await jobs.ClaimAsync(command.JobId, command.Attempt, Worker)).Granted);
            begun.Add((command.JobId, (await jobs.JobAsync(command.JobId)).CreatedAtMs));
        }

        return [.. begun.OrderBy(job => job.At).Select(job => job.Id)];
    }

    // Whoever reads commands is one of two processes: the row tells.
    private static async Task<Guid> OneIsOutAsync(EmbeddedJobs jobs)
    {
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(db => db.Jobs.AnyAsync(j => j.FinishedAtMs == null && j.ReleasedAtMs != null)), "one of them is given to workers");
        var id = Assert.Single(await jobs.ReadAsync(db => db.Jobs.Where(j => j.FinishedAtMs == null && j.DueAtMs != Job.NoTurn).Select(j => j.CorrelationId).ToListAsync()));
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static Task<RunReceipt> EndAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker));

    private static Task<CancellationAnswer> CancelAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });

    private static async Task<JobView> ViewAsync(EmbeddedJobs jobs, Guid id) =>
        await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, new ProgressQuery(0, 32), CancellationToken.None) ?? throw new InvalidOperationException("The job is not there.");

    private static async Task AssertNothingLeftAsync(EmbeddedJobs jobs) =>
        Assert.Equal((0, 0, 0), await jobs.ReadAsync(async db => (await db.Turns.CountAsync(), await db.TurnWaits.CountAsync(), await db.Jobs.CountAsync(j => j.FinishedAtMs == null))));
}
