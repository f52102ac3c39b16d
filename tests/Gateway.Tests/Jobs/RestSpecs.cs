using System.Collections.Concurrent;
using System.Data.Common;
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
        Assert.InRange(clock.GetUtcNow() - began, (asked - 2) * AtRest, TimeSpan.MaxValue);
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

        public IReadOnlyList<DateTimeOffset> Times(string text) => [.. seen.Where(one => one.Text.Contains(text, StringComparison.Ordinal)).Select(one => one.At)];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            seen.Enqueue((command.CommandText, clock.GetUtcNow()));
            return ValueTask.FromResult(result);
        }
    }
}
