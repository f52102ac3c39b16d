using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class SessionSpecsOnSqlite() : SessionSpecs(Databases.Sqlite);

public sealed class SessionSpecsOnPostgreSql() : SessionSpecs(Databases.PostgreSql);

/// <summary>Conversations of callers in the store.</summary>
public abstract class SessionSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Caller Alice = EmbeddedJobs.Alice;

    [Fact]
    public async Task A_job_makes_a_session_that_its_caller_alone_finds_and_that_counts_its_jobs()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var first = await EndedAsync(jobs);
        var session = (await jobs.JobAsync(first)).SessionId;
        var second = await EndedAsync(jobs, session);

        var found = await FindAsync(jobs, session);

        Assert.Equal(("claude", 2, second, false), (found!.Cli, found.JobCount, found.LastJobId, found.IsActive));
        foreach (var stranger in (Caller[])[EmbeddedJobs.Bob, new Caller("other", Alice.Grant)])
        {
            var sessions = jobs.Get<ISessionStore>();
            Assert.Null(await sessions.FindAsync(stranger, session, CancellationToken.None));
            Assert.IsType<SessionDeletion.Unknown>(await sessions.DeleteAsync(stranger, session, CancellationToken.None));
            Assert.False(await sessions.SetActiveAsync(stranger, "claude", session, CancellationToken.None));
            Assert.Equal(default, await sessions.ClearAsync(stranger, null, CancellationToken.None));
            Assert.Null(await sessions.FindNewestAsync(stranger, "claude", null, null, CancellationToken.None));
            Assert.Equal(0, (await sessions.ListAsync(stranger, new SessionFilter(null, 50), CancellationToken.None)).Total);
            Assert.IsType<SubmitOutcome.SessionGone>(await jobs.TrySubmitAsync(In(session), stranger));
        }

        Assert.Equal(2, (await FindAsync(jobs, session))!.JobCount);
    }

    [Fact]
    public async Task Pages_join_to_the_whole_list_last_used_first()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var sessions = jobs.Get<ISessionStore>();
        foreach (var cli in (string[])["claude", "codex", "claude", "gemini", "claude"])
        {
            await sessions.CreateAsync(Alice, new NewSession(cli, null, null, null, SetAsActive: cli == "codex"), CancellationToken.None);
        }

        // Two of one moment: their ids decide.
        await jobs.ReadAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.LastUsedAtMs, s => s.Cli == "claude" ? 5 : 9)));
        List<SessionRecord> seen = [];
        JobCursor? next = null;
        do
        {
            var page = await sessions.ListAsync(Alice, new SessionFilter(null, 2, next), CancellationToken.None);
            Assert.Equal(5, page.Total);
            Assert.Equal("codex", Assert.Single(page.Active).Key);
            seen.AddRange(page.Sessions);
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(5, seen.Select(s => s.Id).Distinct().Count());
        Assert.Equal([9, 9, 5, 5, 5], seen.Select(s => s.LastUsedAt.ToUnixTimeMilliseconds()));
        Assert.Equal("codex", Assert.Single(seen, s => s.IsActive).Cli);
        Assert.Equal(3, (await sessions.ListAsync(Alice, new SessionFilter("claude", 50), CancellationToken.None)).Sessions.Count);
    }

    [Fact]
    public async Task A_session_that_is_deleted_takes_its_transcripts_along_and_leaves_the_answers_of_its_jobs()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var other = await EndedAsync(jobs);
        var first = await EndedAsync(jobs);
        var session = (await jobs.JobAsync(first)).SessionId;
        var second = await EndedAsync(jobs, session);
        await HeadAsync(jobs, session, second);
        await jobs.Get<ISessionStore>().SetActiveAsync(Alice, "claude", session, CancellationToken.None);

        var deleted = Assert.IsType<SessionDeletion.Deleted>(await jobs.Get<ISessionStore>().DeleteAsync(Alice, session, CancellationToken.None));

        Assert.Equal(session, deleted.Session.Id);
        Assert.Equal([other], await TranscriptsAsync(jobs));
        Assert.Equal(3, await jobs.ReadAsync(db => db.Chunks.CountAsync(c => c.Stream == OutputStream.Answer)));
        Assert.Equal((1, 0), await jobs.ReadAsync(async db => (await db.Sessions.CountAsync(), await db.ActiveSessions.CountAsync())));
        Assert.IsType<SessionDeletion.Unknown>(await jobs.Get<ISessionStore>().DeleteAsync(Alice, session, CancellationToken.None));
        Assert.IsType<SubmitOutcome.SessionGone>(await jobs.TrySubmitAsync(In(session)));
        Assert.Null(await jobs.Get<ISessionStore>().FindActiveAsync(Alice, "claude", CancellationToken.None));
    }

    [Fact]
    public async Task While_a_job_of_it_or_of_a_fork_of_it_is_open_a_session_stays()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var (busy, forked, free) = (await NewSessionAsync(jobs), await NewSessionAsync(jobs), await NewSessionAsync(jobs));
        var open = await jobs.SubmitAsync(In(busy));
        var fork = await jobs.SubmitAsync(In(forked) with { Conversation = new ConversationChoice { Resumes = forked, Forks = true } });
        var sessions = jobs.Get<ISessionStore>();

        Assert.Equal(new SessionDeletion.InUse(open), await sessions.DeleteAsync(Alice, busy, CancellationToken.None));
        Assert.Equal(new SessionDeletion.InUse(fork), await sessions.DeleteAsync(Alice, forked, CancellationToken.None));
        // The fork is a session too, and in use.
        Assert.Equal(new ClearedSessions(0, 0), await sessions.ClearAsync(Alice, "codex", CancellationToken.None));
        Assert.Equal(new ClearedSessions(1, 3), await sessions.ClearAsync(Alice, null, CancellationToken.None));
        Assert.Null(await FindAsync(jobs, free));

        await CancelAsync(jobs, open);
        await CancelAsync(jobs, fork);
        Assert.Equal(new ClearedSessions(3, 0), await sessions.ClearAsync(Alice, "claude", CancellationToken.None));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Sessions.CountAsync()));
    }

    [Fact]
    public async Task What_a_fork_goes_on_from_stays_when_the_session_it_came_from_goes()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var first = await EndedAsync(jobs);
        var session = (await jobs.JobAsync(first)).SessionId;
        await HeadAsync(jobs, session, first);
        var fork = await jobs.SubmitAsync(In(session) with { Conversation = new ConversationChoice { Resumes = session, Forks = true } });
        await CancelAsync(jobs, fork);

        Assert.IsType<SessionDeletion.Deleted>(await jobs.Get<ISessionStore>().DeleteAsync(Alice, session, CancellationToken.None));

        Assert.True((await FindAsync(jobs, (await jobs.JobAsync(fork)).SessionId))!.HasBegun);
        Assert.Equal([first], await TranscriptsAsync(jobs));
    }

    [Fact]
    public async Task Of_a_deletion_and_a_job_at_once_one_wins_and_no_job_is_in_a_session_that_is_gone()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 6; round++)
        {
            var session = await NewSessionAsync(both.First);
            var outcomes = await both.AllAtOnceAsync(6, async (jobs, i) => i < 3
                ? (object)await jobs.TrySubmitAsync(In(session))
                : await jobs.Get<ISessionStore>().DeleteAsync(Alice, session, CancellationToken.None));

            var isThere = await both.First.ReadAsync(db => db.Sessions.AnyAsync(s => s.SessionId == session));
            var isDeleted = outcomes.OfType<SessionDeletion.Deleted>().Any();
            Assert.NotEqual(isThere, isDeleted);
            Assert.Equal(isDeleted ? 0 : 3, outcomes.OfType<SubmitOutcome.Accepted>().Count());
        }
    }

    [Fact]
    public async Task One_session_is_active_however_many_are_made_so_at_once()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);

        var made = await both.AllAtOnceAsync(8, (jobs, i) => jobs.Get<ISessionStore>().CreateAsync(Alice, new NewSession("claude", $"{i}", null, null, SetAsActive: true), CancellationToken.None));

        var page = await both.First.Get<ISessionStore>().ListAsync(Alice, new SessionFilter(null, 50), CancellationToken.None);
        Assert.Equal((8, 8), (page.Total, page.Sessions.Count));
        Assert.Contains(Assert.Single(page.Sessions, s => s.IsActive).Id, made.Select(s => s.Id));
        Assert.True(await both.Second.Get<ISessionStore>().SetActiveAsync(Alice, "claude", null, CancellationToken.None));
        Assert.Null(await both.First.Get<ISessionStore>().FindActiveAsync(Alice, "claude", CancellationToken.None));
    }

    [Fact]
    public async Task Jobs_of_one_session_in_two_processes_run_one_after_another_and_none_is_stranded()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var session = await NewSessionAsync(both.First);
        var open = (await both.AllAtOnceAsync(12, (jobs, _) => jobs.SubmitAsync(In(session)))).ToHashSet();
        HashSet<Guid> ended = [];
        while (open.Count > 0)
        {
            // Released by whichever process dispatches; never two that are not ended.
            await EmbeddedJobs.EventuallyAsync(async () => (await ReadyAsync(both.First)).Count == 1, "nobody's turn, or the turn of several");
            var next = Assert.Single(await ReadyAsync(both.First));
            var here = both[ended.Count];
            if (ended.Count % 4 == 3)
            {
                // One in the middle goes without ever having had its turn, and with it no turn is lost.
                var waiting = open.First(id => id != next);
                await CancelAsync(here, waiting);
                open.Remove(waiting);
            }

            Assert.NotNull((await here.ClaimAsync(next, 1, Worker)).Granted);
            Assert.Empty(await ReadyAsync(both.First));
            await here.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(next, 1, Worker));
            Assert.True(open.Remove(next) && ended.Add(next));
        }

        Assert.Equal((0, 0), await both.First.ReadAsync(async db => (await db.Turns.CountAsync(), await db.TurnWaits.CountAsync())));
    }

    private static RunRequest In(Guid session) => EmbeddedJobs.Request() with
    {
        Conversation = new ConversationChoice { Resumes = session },
        Turns = [TurnKeys.OfSession(session)],
    };

    private static Task<SessionRecord?> FindAsync(EmbeddedJobs jobs, Guid session) => jobs.Get<ISessionStore>().FindAsync(Alice, session, CancellationToken.None);

    private static async Task<Guid> NewSessionAsync(EmbeddedJobs jobs) =>
        (await jobs.Get<ISessionStore>().CreateAsync(Alice, new NewSession("claude", null, null, null, SetAsActive: false), CancellationToken.None)).Id;

    private static Task<List<Guid>> ReadyAsync(EmbeddedJobs jobs) =>
        jobs.ReadAsync(db => db.Jobs.Where(j => j.CurrentState == "Queued" && j.DueAtMs != Gateway.Jobs.Lifecycle.Job.NoTurn).Select(j => j.CorrelationId).ToListAsync());

    private static Task<int> HeadAsync(EmbeddedJobs jobs, Guid session, Guid job) => jobs.ReadAsync(db => db.Sessions.Where(s => s.SessionId == session)
        .ExecuteUpdateAsync(set => set.SetProperty(s => s.HeadJobId, job).SetProperty(s => s.HeadAttempt, 1).SetProperty(s => s.HeadBytes, 4)));

    private static Task<List<Guid>> TranscriptsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Chunks.Where(c => c.Stream == OutputStream.Transcript).Select(c => c.JobId).ToListAsync());

    private static Task<CancellationAnswer> CancelAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });

    private static async Task<Guid> EndedAsync(EmbeddedJobs jobs, Guid? session = null)
    {
        var id = await jobs.SubmitAsync(session is { } named ? In(named) : EmbeddedJobs.Request());
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        foreach (var stream in (OutputStream[])[OutputStream.Transcript, OutputStream.Answer])
        {
            var piece = new RunOutput { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, Stream = stream, Offset = 0, Bytes = "said"u8.ToArray() };
            Assert.False((await jobs.Get<IOutputStore>().AppendAsync(piece, CancellationToken.None)).Fenced);
        }

        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker));
        return id;
    }
}
