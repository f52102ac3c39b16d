using Gateway.ConformanceTests.Support;
using Gateway.Jobs.Admission;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class LimitReaderSpecsOnSqlite() : LimitReaderSpecs(Databases.Sqlite);

public sealed class LimitReaderSpecsOnPostgreSql() : LimitReaderSpecs(Databases.PostgreSql);

/// <summary>What is left of limits, for who only asks.</summary>
public abstract class LimitReaderSpecs(Databases databases)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 18, TimeSpan.Zero);

    [Fact]
    public async Task What_is_left_is_told_and_nothing_is_counted_by_the_question()
    {
        var clock = new FakeTimeProvider(Start);
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        var (minute, hour, queued) = (Terms.Limit(2, value: "alice"), Terms.Limit(100, "hourly", 3600, amount: 40), Terms.Queued(2));
        var terms = Terms.With([minute, hour], [queued]);
        Assert.NotNull(terms.Judgement);

        var fresh = await ReadAsync(jobs, terms.Judgement);
        await jobs.SubmitAsync(terms: terms);
        var once = await ReadAsync(jobs, terms.Judgement);
        await jobs.SubmitAsync(terms: terms);
        var twice = await ReadAsync(jobs, terms.Judgement with { Caps = [] });
        var full = await ReadAsync(jobs, terms.Judgement);
        clock.Advance(TimeSpan.FromSeconds(42));
        var later = await ReadAsync(jobs, terms.Judgement with { Caps = [] });

        Assert.Equal([(0m, 2m), (0m, 100m)], fresh.Counters.Select(c => (c.Used, c.Remaining)));
        Assert.Equal([(1m, 1m), (40m, 60m)], once.Counters.Select(c => (c.Used, c.Remaining)));
        Assert.Equal((0, 1), (Assert.Single(fresh.Waiting).Jobs, Assert.Single(once.Waiting).Jobs));
        Assert.Equal((null, null), (fresh.Refusal, once.Refusal));

        // Both are used up: the hour holds longer.
        Assert.Equal((RefusalKinds.RateLimited, hour.Rule, 3582, 20m), (twice.Refusal?.Kind, twice.Refusal?.Rule, twice.Refusal?.RetryAfterSeconds, twice.Refusal?.Remaining));
        Assert.Equal((RefusalKinds.QueueFull, queued.Rule), (full.Refusal?.Kind, full.Refusal?.Rule));
        Assert.Equal([0m, 80m], later.Counters.Select(c => c.Used));
        Assert.Equal(Start.AddSeconds(102), later.Counters[0].Charge.WindowEnd);
        Assert.Equal([2_000_000, 80_000_000], await jobs.ReadAsync(db => db.Counters.OrderBy(c => c.UsedMicros).Select(c => c.UsedMicros).ToListAsync()));
    }

    private static Task<LimitFigures> ReadAsync(EmbeddedJobs jobs, Judgement judgement) => jobs.Get<ILimitReader>().ReadAsync(EmbeddedJobs.Alice, judgement, TestContext.Current.CancellationToken);
}
