using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Workspaces;
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
    private static readonly string Repository = DirectoryTurnKey.Of(EndpointNames.DefaultPool, "/srv/repository");
    private static readonly string Link = DirectoryTurnKey.Of(EndpointNames.DefaultPool, "/srv/link");
    private static readonly string Library = DirectoryTurnKey.Of(EndpointNames.DefaultPool, "/srv/library");

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
    public async Task A_job_whose_directory_turns_out_to_be_anothers_waits_for_it_uncounted_in_the_order_of_acceptance()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var ids = await SubmitAsync(jobs, Repository, Link, Link, Repository);
        Assert.Equal([ids[0], ids[1]], await BeginAsync(jobs, 2));

        Assert.Equal("waiting", (await jobs.ClaimAsync(ids[1], 1, Worker, turn: Repository)).Denied);

        var waiting = await ViewAsync(jobs, ids[1]);
        Assert.Equal((JobStatus.Queued, "waiting", null, null, null), (waiting.Status, waiting.Progress!.Phase, waiting.QueuePosition, waiting.NotBefore, waiting.StartedAt));
        Assert.Equal((0, 1), ((await jobs.JobAsync(ids[1])).CountedAttempts, await jobs.ReadAsync(db => db.Leases.CountAsync())));

        // The answer may have been lost: whoever asks again, or reports anything, learns that the attempt is over.
        Assert.Equal("stale", (await jobs.ClaimAsync(ids[1], 1, Worker, turn: Repository)).Denied);
        Assert.Equal("stale", (await jobs.ClaimAsync(ids[1], 1, Worker)).Denied);
        Assert.Equal("fenced", await ReportAsync(jobs, ids[1], 1));
        Assert.Equal("waiting", (await ViewAsync(jobs, ids[2])).Progress!.Phase);

        await EndAsync(jobs, ids[0]);
        var second = await jobs.NextCommandAsync();
        var grant = (await jobs.ClaimAsync(second.JobId, second.Attempt, Worker)).Granted!.Grant;
        Assert.Equal((ids[1], 2, true), (second.JobId, second.Attempt, grant.DirectoryTurns!.ToHashSet().SetEquals([Link, Repository])));
        Assert.Equal((null, false), (grant.Conversation, grant.HasRun));
        Assert.Equal(1, (await jobs.JobAsync(ids[1])).CountedAttempts);
        var given = await jobs.Reader.FindOutputAsync(EmbeddedJobs.Alice, ids[1], 1, CancellationToken.None);
        Assert.Equal((true, false, 0), (given!.Ended, given.HasAnswer, given.LengthBytes.Values.Sum()));
        await EndAsync(jobs, ids[1], 2);

        // The same again: the one that was next under its own name finds the other one at work.
        Assert.Equal([ids[2], ids[3]], await BeginAsync(jobs, 2));
        Assert.Equal("waiting", (await jobs.ClaimAsync(ids[2], 1, Worker, turn: Repository)).Denied);
        await EndAsync(jobs, ids[3]);
        Assert.Equal(2, (await jobs.NextCommandAsync()).Attempt);
        Assert.NotNull((await jobs.ClaimAsync(ids[2], 2, Worker, turn: Repository)).Granted);
        await EndAsync(jobs, ids[2], 2);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_job_that_waits_for_a_directory_under_another_name_and_is_canceled_lets_all_of_its_lines_go()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var ids = await SubmitAsync(jobs, Repository, Link, Link, Repository);
        await BeginAsync(jobs, 2);
        Assert.Equal("waiting", (await jobs.ClaimAsync(ids[1], 1, Worker, turn: Repository)).Denied);

        await CancelAsync(jobs, ids[1]);

        Assert.Equal([ids[2]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, ids[0]);
        Assert.Equal([ids[3]], await BeginAsync(jobs, 1));
        await EndAsync(jobs, ids[2]);
        await EndAsync(jobs, ids[3]);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task Nobody_who_comes_under_another_name_overtakes_one_who_was_accepted_before()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var ids = await SubmitAsync(jobs, Repository, Link, Repository, Library);
        Assert.Equal([ids[0], ids[1], ids[3]], await BeginAsync(jobs, 3));
        Assert.Equal("waiting", (await jobs.ClaimAsync(ids[1], 1, Worker, turn: Repository)).Denied);
        await EndAsync(jobs, ids[0]);
        Assert.Equal((ids[1], 2), await BeginOneAsync(jobs));
        Assert.Equal("waiting", (await jobs.ClaimAsync(ids[3], 1, Worker, turn: Repository)).Denied);

        await EndAsync(jobs, ids[1], 2);

        Assert.Equal((ids[2], 1), await BeginOneAsync(jobs));
        await EndAsync(jobs, ids[2]);
        Assert.Equal((ids[3], 2), await BeginOneAsync(jobs));
        await EndAsync(jobs, ids[3], 2);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_directory_for_which_an_older_job_waits_that_waits_for_more_is_not_taken_by_a_younger_one()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var library = (await SubmitAsync(jobs, Library))[0];
        var both = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Turns = [Repository, Library] });
        var link = (await SubmitAsync(jobs, Link))[0];
        Assert.Equal([library, link], await BeginAsync(jobs, 2));

        Assert.Equal("waiting", (await jobs.ClaimAsync(link, 1, Worker, turn: Repository)).Denied);

        await EndAsync(jobs, library);
        Assert.Equal((both, 1), await BeginOneAsync(jobs));
        await EndAsync(jobs, both);
        Assert.Equal((link, 2), await BeginOneAsync(jobs));
        await EndAsync(jobs, link, 2);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_claim_whose_lease_has_ended_takes_no_turn()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var id = (await SubmitAsync(jobs, Link))[0];
        await BeginAsync(jobs, 1);
        await jobs.ReadAsync(db => db.Leases.ExecuteDeleteAsync());

        Assert.Equal("lost", (await jobs.ClaimAsync(id, 1, Worker, turn: Repository)).Denied);

        Assert.False(await jobs.ReadAsync(db => db.Turns.AnyAsync(t => t.Key == Repository)));
    }

    [Fact]
    public async Task A_job_that_enters_a_line_in_the_moment_in_which_the_one_before_it_is_canceled_is_not_left_there()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var holder = (await SubmitAsync(both.First, Repository))[0];
        Assert.NotNull((await both.First.ClaimAsync(holder, 1, Worker)).Granted);
        for (var round = 0; round < 20; round++)
        {
            var before = (await SubmitAsync(both.First, Link))[0];
            Assert.NotNull((await both.First.ClaimAsync(before, 1, Worker)).Granted);
            Assert.Equal("waiting", (await both.First.ClaimAsync(before, 1, Worker, turn: Repository)).Denied);

            var made = await both.AllAtOnceAsync(2, async (jobs, i) =>
            {
                if (i == 0)
                {
                    return (await SubmitAsync(jobs, Link))[0];
                }

                await CancelAsync(jobs, before);
                return before;
            });

            await EmbeddedJobs.EventuallyAsync(async () => (await both.First.JobAsync(made[0])).DueAtMs != Job.NoTurn, "it has its turn");
            Assert.NotNull((await both.First.ClaimAsync(made[0], 1, Worker)).Granted);
            await EndAsync(both.First, made[0]);
        }

        await EndAsync(both.First, holder);
        await AssertNothingLeftAsync(both.First);
    }

    [Fact]
    public async Task A_job_is_told_of_the_directories_that_it_has_and_keeps_what_it_was_found_to_need()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var reader = await jobs.SubmitAsync();
        Assert.Null((await jobs.ClaimAsync(reader, 1, Worker)).Granted!.Grant.DirectoryTurns);
        var session = (await jobs.JobAsync(reader)).SessionId;
        await EndAsync(jobs, reader);
        var talk = await jobs.SubmitAsync(Resuming(session));
        Assert.Null((await jobs.ClaimAsync(talk, 1, Worker)).Granted!.Grant.DirectoryTurns);

        var writer = (await SubmitAsync(jobs, Link))[0];
        Assert.Equal([Link], (await jobs.ClaimAsync(writer, 1, Worker)).Granted!.Grant.DirectoryTurns);
        var grant = (await jobs.ClaimAsync(writer, 1, Worker, turn: Repository)).Granted!.Grant;
        Assert.True(grant.DirectoryTurns!.ToHashSet().SetEquals([Link, Repository]));
        var other = (await SubmitAsync(jobs, Repository))[0];
        Assert.Equal("waiting", (await ViewAsync(jobs, other)).Progress!.Phase);

        // Of a lost attempt the turns are the next one's.
        await jobs.AskAsync<AttemptLost, RunReceipt>(EndpointNames.JobLifecycle, new AttemptLost { JobId = writer, Attempt = 1, WorkerId = Worker, Epoch = 1, Cause = "runner" });
        grant = (await jobs.ClaimAsync(writer, 2, Worker)).Granted!.Grant;
        Assert.Equal((true, true), (grant.DirectoryTurns!.ToHashSet().SetEquals([Link, Repository]), grant.HasRun));
        await EndAsync(jobs, writer, 2);
        Assert.NotNull((await jobs.ClaimAsync(other, 1, Worker)).Granted);
        await EndAsync(jobs, other);
        await EndAsync(jobs, talk);
        await AssertNothingLeftAsync(jobs);
    }

    [Fact]
    public async Task Many_names_of_one_directory_claimed_at_the_same_time_in_two_processes_never_run_two_and_all_end()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var ids = await SubmitAsync(both.First, [.. Enumerable.Range(0, 12).Select(i => DirectoryTurnKey.Of(EndpointNames.DefaultPool, $"/srv/name{i % 8}"))]);
        var (inside, overlaps, runs) = (0, 0, 0);
        for (var round = 0; round < 100 && await both.First.ReadAsync(db => db.Jobs.AnyAsync(j => j.FinishedAtMs == null)); round++)
        {
            var open = await both.First.ReadAsync(db => db.Jobs.Where(j => j.FinishedAtMs == null && j.DueAtMs != Job.NoTurn).Select(j => new { j.CorrelationId, j.Attempt }).ToListAsync());
            await both.AllAtOnceAsync(open.Count, async (jobs, i) =>
            {
                var (id, attempt) = (open[i].CorrelationId, open[i].Attempt + 1);
                if ((await jobs.ClaimAsync(id, attempt, Worker)).Granted is null || (await jobs.ClaimAsync(id, attempt, Worker, turn: Repository)).Granted is null)
                {
                    return false;
                }

                overlaps += Interlocked.Increment(ref inside) > 1 ? 1 : 0;
                Assert.Equal(id, await jobs.ReadAsync(db => db.Turns.Where(t => t.Key == Repository).Select(t => t.JobId).SingleAsync()));
                Interlocked.Increment(ref runs);
                Interlocked.Decrement(ref inside);
                await EndAsync(jobs, id, attempt);
                return true;
            });
        }

        Assert.Equal((0, ids.Count), (overlaps, runs));
        Assert.All(await both.First.ReadAsync(db => db.Jobs.ToListAsync()), job => Assert.Equal(("Completed", 1), (job.CurrentState, job.CountedAttempts)));
        await AssertNothingLeftAsync(both.First);
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

    private static async Task<(Guid Id, int Attempt)> BeginOneAsync(EmbeddedJobs jobs)
    {
        var command = await jobs.NextCommandAsync();
        Assert.NotNull((await jobs.ClaimAsync(command.JobId, command.Attempt, Worker)).Granted);
        return (command.JobId, command.Attempt);
    }

    // Whoever reads commands is one of two processes: the row tells.
    private static async Task<Guid> OneIsOutAsync(EmbeddedJobs jobs)
    {
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(db => db.Jobs.AnyAsync(j => j.FinishedAtMs == null && j.ReleasedAtMs != null)), "one of them is given to workers");
        var id = Assert.Single(await jobs.ReadAsync(db => db.Jobs.Where(j => j.FinishedAtMs == null && j.DueAtMs != Job.NoTurn).Select(j => j.CorrelationId).ToListAsync()));
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static Task<RunReceipt> EndAsync(EmbeddedJobs jobs, Guid id, int attempt = 1) =>
        jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, attempt, Worker));

    private static async Task<string> ReportAsync(EmbeddedJobs jobs, Guid id, int attempt) => (await EndAsync(jobs, id, attempt)).Fenced ? "fenced" : "stored";

    private static Task<CancellationAnswer> CancelAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });

    private static async Task<JobView> ViewAsync(EmbeddedJobs jobs, Guid id) =>
        await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, new ProgressQuery(0, 32), CancellationToken.None) ?? throw new InvalidOperationException("The job is not there.");

    private static async Task AssertNothingLeftAsync(EmbeddedJobs jobs) =>
        Assert.Equal((0, 0, 0), await jobs.ReadAsync(async db => (await db.Turns.CountAsync(), await db.TurnWaits.CountAsync(), await db.Jobs.CountAsync(j => j.FinishedAtMs == null))));
}
