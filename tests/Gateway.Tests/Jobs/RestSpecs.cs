using System.Collections.Concurrent;
using System.Data.Common;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>A gateway that has nothing to do hardly asks its database, and is awake at once when it has.</summary>
public sealed class RestSpecs : IDisposable
{
    private const string OutboxIsAsked = "SELECT EXISTS (\n    SELECT 1\n    FROM \"Outbox\"";
    private const string WorkersAreAsked = "FROM \"Workers\"";
    private const string LeasesAreAsked = "FROM \"RunLeases\" AS \"r\"\n    WHERE \"r\".\"UntilMs\"";
    private const string AuditIsAsked = "NOT EXISTS (\n    SELECT 1\n    FROM \"AuditSeals\"";
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(5);
    private readonly TestFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly Questions questions;

    public RestSpecs() => questions = new Questions(clock);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(OutboxIsAsked)]
    [InlineData(WorkersAreAsked)]
    public async Task While_nothing_waits_and_nothing_is_stored_the_database_is_asked_every_five_seconds(string question)
    {
        await using var jobs = await StartAsync();

        var (began, first) = (clock.GetUtcNow(), questions.Times(question).Count);

        await UntilAsync(() => questions.Times(question).Count >= first + 6, "the database is asked now and then", TimeSpan.FromMilliseconds(250));

        // One of them, and one more, may have been under way before.
        var asked = questions.Times(question).Count - first;
        // A look belongs to the beat that is nearest.
        Assert.InRange(clock.GetUtcNow() - began, ((asked - 2) * AtRest) - TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task While_nothing_is_recorded_the_audit_log_is_asked_every_ten_seconds_and_a_record_is_sealed_within_two_rounds()
    {
        await using var jobs = await StartAsync();
        var first = questions.Times(AuditIsAsked).Count;
        var began = clock.GetUtcNow();
        await UntilAsync(() => questions.Times(AuditIsAsked).Count >= first + 6, "the audit log is asked now and then", TimeSpan.FromMilliseconds(250));

        Assert.InRange(clock.GetUtcNow() - began, (questions.Times(AuditIsAsked).Count - first - 2) * 2 * AtRest, TimeSpan.MaxValue);

        // Just after a look: at rest, the next one would be far.
        jobs.Get<AuditWrites>().Add();
        var (written, asked) = (clock.GetUtcNow(), questions.Times(AuditIsAsked).Count);
        await UntilAsync(() => questions.Times(AuditIsAsked).Count >= asked + 2, "it is sealed, and what was not committed yet is looked for once more", TimeSpan.FromMilliseconds(20));
        Assert.InRange(clock.GetUtcNow() - written, TimeSpan.Zero, AtRest + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task All_that_looks_now_and_then_looks_at_the_same_moment_whatever_happened_between()
    {
        string[] all = [OutboxIsAsked, WorkersAreAsked, LeasesAreAsked];
        var began = clock.GetUtcNow();
        await using var jobs = await StartAsync();
        await UntilAsync(() => questions.Times(OutboxIsAsked).Count > 0, "it has started", TimeSpan.Zero);
        var soon = TimeSpan.FromMilliseconds(750);

        for (var beat = 1; beat <= 4; beat++)
        {
            await UntilAsync(() => clock.GetUtcNow() - began >= ((beat - 1) * AtRest) + (2 * soon), "it rests", TimeSpan.FromMilliseconds(250));
            jobs.Get<OutboxLedger>().Count(1);
            await UntilAsync(() => clock.GetUtcNow() - began >= (beat * AtRest) - soon, "the beat is near", TimeSpan.FromMilliseconds(250));
            var asked = all.ToDictionary(question => question, question => questions.Times(question).Count);
            clock.Advance(soon);
            clock.Advance(soon);

            await UntilAsync(() => all.All(question => questions.Times(question).Count > asked[question]), "all of them look, and the clock stands still", TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task A_job_that_waits_for_its_time_is_looked_for_each_second()
    {
        await using var jobs = await StartAsync();
        await jobs.SubmitAsync(EmbeddedJobs.Request() with { StartAfter = clock.GetUtcNow().AddHours(1) });
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        var (submitted, asked) = (clock.GetUtcNow(), questions.Times(WorkersAreAsked).Count);

        await UntilAsync(() => questions.Times(WorkersAreAsked).Count >= asked + 5, "it is looked for", TimeSpan.FromMilliseconds(20));

        // At rest it would take three pauses and more.
        Assert.InRange(clock.GetUtcNow() - submitted, TimeSpan.Zero, (3 * AtRest) - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_job_that_finds_no_place_wakes_a_dispatcher_that_rests()
    {
        await using var jobs = await StartAsync();
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        jobs.Get<DirectReleases>().Set([], []);
        var asked = questions.Times(WorkersAreAsked).Count;

        await jobs.SubmitAsync(EmbeddedJobs.Request());

        await UntilAsync(() => questions.Times(WorkersAreAsked).Count > asked, "it is given out, and the clock stands still", TimeSpan.Zero);
    }

    [Fact]
    public async Task A_look_of_a_dispatcher_at_rest_that_fails_is_followed_by_another_one_soon()
    {
        var began = clock.GetUtcNow();
        await using var jobs = await StartAsync();
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        var soon = TimeSpan.FromMilliseconds(750);
        await UntilAsync(() => clock.GetUtcNow() - began >= AtRest - soon, "the beat is near", TimeSpan.FromMilliseconds(250));
        questions.FailNext(WorkersAreAsked);
        clock.Advance(soon);
        clock.Advance(soon);
        await UntilAsync(() => questions.HasFailed, "a look fails, and the clock stands still", TimeSpan.Zero);
        var asked = questions.Times(WorkersAreAsked).Count;

        await UntilAsync(() => questions.Times(WorkersAreAsked).Count > asked, "another one follows", TimeSpan.FromMilliseconds(5));

        Assert.True(clock.GetUtcNow() - began < (2 * AtRest) - soon, "before the next beat");
    }

    [Fact]
    public void A_dispatcher_does_not_rest_when_a_job_was_stored_while_it_looked()
    {
        var bell = new DispatchBell();
        var seen = bell.Stored;
        bell.JobWaits();

        Assert.False(bell.Rest(wishes: true, seen));
        Assert.True(bell.Rest(wishes: true, bell.Stored));
        Assert.False(bell.Rest(wishes: false, bell.Stored));
    }

    [Fact]
    public async Task What_is_stored_while_the_outbox_rests_is_found_by_the_next_sweep()
    {
        await using var jobs = await StartAsync();
        await UntilAsync(() => questions.Times(OutboxIsAsked).Any(time => time > jobs.Clock.GetUtcNow() - AtRest) && jobs.Get<OutboxLedger>().Stored == 0, "the outbox has rested", TimeSpan.FromMilliseconds(250));
        var asked = questions.Times(OutboxIsAsked).Count;
        jobs.Get<OutboxLedger>().Count(1);

        clock.Advance(new SagaPersistenceOptions().SweepInterval);

        await UntilAsync(() => questions.Times(OutboxIsAsked).Count > asked, "the next sweep asks", TimeSpan.Zero);
    }

    private Task<EmbeddedJobs> StartAsync() => new EmbeddedJobs(folder, clock, worker: false, configure: services => folder.Intercept(services, questions)).StartAsync();

    private Task UntilAsync(Func<bool> isSo, string what, TimeSpan step) => EmbeddedJobs.EventuallyAsync(
        () =>
        {
            clock.Advance(step);
            return Task.FromResult(isSo());
        },
        what);

    private sealed class Questions(FakeTimeProvider clock) : DbCommandInterceptor
    {
        private readonly ConcurrentQueue<(string Text, DateTimeOffset At)> seen = new();
        private string? failing;
        private volatile bool hasFailed;

        /// <summary>The question that was to fail has failed.</summary>
        public bool HasFailed => hasFailed;

        public void FailNext(string text) => Volatile.Write(ref failing, text);

        public IReadOnlyList<DateTimeOffset> Times(string text) => [.. seen.Where(one => one.Text.Contains(text, StringComparison.Ordinal)).Select(one => one.At)];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            seen.Enqueue((command.CommandText, clock.GetUtcNow()));
            if (Volatile.Read(ref failing) is { } text && command.CommandText.Contains(text, StringComparison.Ordinal) && Interlocked.Exchange(ref failing, null) is not null)
            {
                hasFailed = true;
                throw new TimeoutException("The database did not answer.");
            }

            return ValueTask.FromResult(result);
        }
    }
}
