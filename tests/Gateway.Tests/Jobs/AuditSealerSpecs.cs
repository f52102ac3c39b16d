using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>Where the sealer looks, and when. What it makes is for the suite of the stores.</summary>
public sealed class AuditSealerSpecs : IDisposable
{
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch);
    private readonly RecordsInMemory store = new();
    private readonly AuditSealer sealer;

    public AuditSealerSpecs()
    {
        var keys = TestAuditKeys.Of("k1");
        sealer = new AuditSealer(store, keys, new AuditMemory(store, keys, new TestAuditMemory()), new AuditWrites(), new Clock(clock), Options.Create(new AuditOptions()), clock, NullLogger<AuditSealer>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => sealer.Dispose();

    [Fact]
    public async Task The_first_look_is_at_all_and_later_ones_at_what_may_have_been_under_way()
    {
        store.Waiting.UnionWith([1, 2, 5_000]);
        Assert.Equal(3, await sealer.SealAsync(Token));
        store.Waiting.Add(4_500);
        Assert.Equal(1, await sealer.SealAsync(Token));
        Assert.Equal([0, 4_000], store.Floors.Distinct());
    }

    [Fact]
    public async Task A_record_that_commits_a_minute_late_is_sealed_at_once_and_one_later_than_that_within_the_hour()
    {
        store.Waiting.Add(5_000);
        await sealer.SealAsync(Token);
        store.Waiting.Add(9_000);
        await sealer.SealAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(59));
        store.Waiting.Add(4_001);
        Assert.Equal(1, await sealer.SealAsync(Token));
        clock.Advance(TimeSpan.FromMinutes(1));
        await sealer.SealAsync(Token);
        clock.Advance(TimeSpan.FromMinutes(1));
        await sealer.SealAsync(Token);
        store.Waiting.Add(8_999);
        Assert.Equal(0, await sealer.SealAsync(Token));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await sealer.SealAsync(Token));
    }

    [Fact]
    public async Task Many_records_are_sealed_in_bounded_batches_in_one_round()
    {
        store.Waiting.UnionWith(Enumerable.Range(1, 1_234).Select(id => (long)id));
        Assert.Equal(1_234, await sealer.SealAsync(Token));
        Assert.Equal([500, 500, 234], store.Batches);
    }

    [Fact]
    public async Task Who_does_not_hold_the_lease_seals_nothing_and_tries_again()
    {
        store.Waiting.Add(1);
        store.IsHeldElsewhere = true;
        Assert.Equal(0, await sealer.SealAsync(Token));
        store.IsHeldElsewhere = false;
        Assert.Equal(1, await sealer.SealAsync(Token));
    }

    [Fact]
    public async Task The_end_of_the_chain_is_looked_at_by_one_at_a_time_so_that_the_newest_look_is_remembered_last()
    {
        using var looks = new AuditMemory(store, TestAuditKeys.Of("k1"), new TestAuditMemory());
        store.Anchors = new TaskCompletionSource<IReadOnlyList<AuditAnchor>>();
        var first = looks.CheckAsync(Token);
        var second = looks.CheckAsync(Token);
        Assert.Equal(1, store.Looks);
        store.Anchors.SetResult([]);
        await Task.WhenAll(first, second);
        Assert.Equal(2, store.Looks);
    }

    private sealed class Clock(TimeProvider clock) : IStoreClock
    {
        public DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }

    private sealed class RecordsInMemory : IAuditStore
    {
        private long sealedUpTo;

        public SortedSet<long> Waiting { get; } = [];

        public List<long> Floors { get; } = [];

        public List<int> Batches { get; } = [];

        public bool IsHeldElsewhere { get; set; }

        public Task<bool> HoldAsync(Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => Task.FromResult(!IsHeldElsewhere);

        public Task<IReadOnlyList<long>?> SealAsync(Guid process, long floor, int most, CancellationToken cancellationToken)
        {
            var ids = Waiting.Where(id => id > floor).Take(most).ToList();
            Waiting.ExceptWith(ids);
            Batches.Add(ids.Count);
            sealedUpTo = Math.Max(sealedUpTo, ids.DefaultIfEmpty().Max());
            return Task.FromResult<IReadOnlyList<long>?>(ids);
        }

        public Task<IReadOnlyList<AuditEntry>> ReadLooseAsync(long after, int most, CancellationToken cancellationToken)
        {
            Floors.Add(after);
            return Task.FromResult<IReadOnlyList<AuditEntry>>(
                [.. Waiting.Where(id => id > after).Take(most).Select(id => new AuditEntry { Id = id, AtMs = 0, Method = "x", Decision = "done", Record = "{}" })]);
        }

        public Task<long> ReadSealedUpToAsync(CancellationToken cancellationToken) => Task.FromResult(sealedUpTo);

        public int Looks { get; private set; }

        public TaskCompletionSource<IReadOnlyList<AuditAnchor>>? Anchors { get; set; }

        public Task<IReadOnlyList<AuditAnchor>> ReadAnchorsAsync(CancellationToken cancellationToken)
        {
            Looks++;
            return Anchors?.Task ?? Task.FromResult<IReadOnlyList<AuditAnchor>>([]);
        }

        public Task<IReadOnlyList<(AuditLink Link, AuditEntry? Entry)>> ReadChainAsync(long after, int most, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<long>> FindCopiesAsync(long after, int most, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<AuditFigures> ReadFiguresAsync(DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
