using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What a call is counted in, and which limit is told.</summary>
public sealed class CountingSpecs
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 30, TimeSpan.Zero);
    private readonly Ledger counters = new();

    [Fact]
    public async Task Told_is_the_exhausted_limit_whose_window_ends_last_and_of_equal_ones_the_tools_first()
    {
        const string Policy = """
            { "version": "1", "default": "deny", "all_tools": { "limits": [{ "counter": "all_hour", "window": "hour", "max": 1 }] },
              "tools": { "claude_request_async": { "limits": [{ "counter": "minute", "window": "minute", "max": 1 }, { "counter": "hour", "window": "hour", "max": 1 }, { "counter": "hour2", "window": 3600, "max": 1 }] } } }
            """;

        Assert.Null((await CountAsync(Policy)).Refusal);
        var refusal = (await CountAsync(Policy)).Refusal;

        Assert.Equal(("/tools/claude_request_async/limits/hour", "limit hour (1 per hour) reached", 3570, 1m, 0m), (refusal?.Rule, refusal?.Reason, refusal?.RetryAfterSeconds, refusal?.Limit, refusal?.Remaining));
        Assert.Equal((RefusalKinds.RateLimited, Texts.Policy(Policy).Hash), (refusal?.Kind, refusal?.PolicyHash));
    }

    [Theory]
    [InlineData("10", "global", "limit c (2 per 10 s) reached", 10, null)]
    [InlineData("86400", "tenant", "limit c (2 per day) reached", 43170, 0)]
    public async Task What_is_left_of_a_global_limit_is_nobodys_to_see(string window, string scope, string reason, int retry, int? remaining)
    {
        var policy = Rule($$"""{ "limits": [{ "counter": "c", "window": {{window}}, "max": 2, "scope": "{{scope}}" }] }""");
        await CountAsync(policy);
        await CountAsync(policy);
        var refusal = (await CountAsync(policy)).Refusal;

        Assert.Equal((reason, retry, (decimal?)remaining), (refusal?.Reason, refusal?.RetryAfterSeconds, refusal?.Remaining));
    }

    [Fact]
    public async Task A_new_max_keeps_the_count_and_a_new_window_or_scope_or_name_begins_at_zero()
    {
        string Limit(string counter, string window, int max, string scope) => Rule($$"""{ "limits": [{ "counter": "{{counter}}", "window": "{{window}}", "max": {{max}}, "scope": "{{scope}}" }] }""");
        async Task<decimal> Used(string policy) => Assert.Single((await CountAsync(policy)).Counted).Used;

        Assert.Equal(1, await Used(Limit("c", "hour", 5, "grant")));
        Assert.Equal(2, await Used(Limit("c", "hour", 9, "grant")));
        Assert.Equal(1, await Used(Limit("c", "day", 5, "grant")));
        Assert.Equal(1, await Used(Limit("c", "hour", 5, "tenant")));
        Assert.Equal(1, await Used(Limit("d", "hour", 5, "grant")));
    }

    [Fact]
    public async Task Charges_are_added_in_the_order_of_their_keys()
    {
        var limits = string.Join(",", Enumerable.Range(1, 20).Select(i => $$"""{ "counter": "c{{i}}", "window": "day", "max": 9 }"""));
        await CountAsync(Rule($$"""{ "limits": [{{limits}}] }"""));

        Assert.Equal(20, counters.Order.Count);
        Assert.Equal(counters.Order.Order(StringComparer.Ordinal), counters.Order);
    }

    private Task<CountResult> CountAsync(string policy) => Counting.CountAsync(Judge(policy, "{}"), counters, Noon, TestContext.Current.CancellationToken);

    private sealed class Ledger : ICounters
    {
        private readonly Dictionary<string, decimal> used = [];

        public List<string> Order { get; } = [];

        public Task<decimal?> TryAddAsync(Charge charge, CancellationToken cancellationToken)
        {
            Order.Add(charge.Key);
            var next = used.GetValueOrDefault(charge.Key) + charge.Limit.Amount;
            if (next > charge.Limit.Max)
            {
                return Task.FromResult<decimal?>(null);
            }

            used[charge.Key] = next;
            return Task.FromResult<decimal?>(next);
        }

        public Task<decimal> ReadAsync(Charge charge, CancellationToken cancellationToken) => Task.FromResult(used.GetValueOrDefault(charge.Key));
    }
}
