using System.Net;
using Gateway.Api.Auth;
using Gateway.Api.Auth.SignIn;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What failed sign-ins cost is bounded, and nobody who has a right key is shut out by them.</summary>
public sealed class SignInSpecs : IAsyncLifetime
{
    private const string Health = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_process_health","arguments":{}}}""";
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EdgeHost host = null!;

    public async ValueTask InitializeAsync() => host = await EdgeHost.StartAsync(clock, ("Edge:SignIn:FailuresPerAddress", "6"), ("Edge:SignIn:FailuresPerPrefix", "3"));

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Whoever_guesses_gets_429_without_a_look_into_the_store_and_right_keys_of_the_same_address_open()
    {
        var (_, seen) = await CreateAsync();
        Assert.Equal(200, await TryAsync(seen));
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(401, await TryAsync(KeyText.New()));
        }

        host.Keys.Asked.Clear();
        using var response = await SendAsync(KeyText.New());
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(10)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
        Assert.Empty(host.Keys.Asked);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, await TryAsync(seen));
        Assert.Equal(200, await TryAsync(host.Key));
    }

    [Fact]
    public async Task A_key_that_is_new_here_waits_behind_an_address_that_guesses_until_the_limit_gives_something_back()
    {
        for (var i = 0; i < 6; i++)
        {
            await TryAsync(KeyText.New());
        }

        var (_, fresh) = await CreateAsync();
        Assert.Equal(429, await TryAsync(fresh));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(200, await TryAsync(fresh));
    }

    [Fact]
    public async Task A_client_that_repeats_one_wrong_key_shuts_nobody_out()
    {
        var wrong = KeyText.New();
        var answers = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            answers.Add(await TryAsync(wrong));
            answers.Add(await TryAsync("gwk_no-form"));
        }

        Assert.Equal([401, 429], answers.Distinct());
        Assert.Equal(3, host.Keys.Asked.Count);
        var (_, fresh) = await CreateAsync();
        Assert.Equal(200, await TryAsync(fresh));
    }

    [Fact]
    public async Task Known_and_unknown_prefixes_get_the_same_answers_from_the_same_questions_below_the_limit_and_above_it()
    {
        var (key, _) = await CreateAsync();
        var (absent, known) = (KeyText.New(), "gwk_" + key.Prefix + KeyText.New()[16..]);
        List<(int, int)> ofAbsent = [], ofKnown = [];
        foreach (var (wrong, seen) in new[] { (absent, ofAbsent), (known, ofKnown) })
        {
            for (var i = 0; i < 5; i++)
            {
                host.Keys.Asked.Clear();
                seen.Add((await TryAsync(wrong), host.Keys.Asked.Count));
                // What is believed of a key that exists is over: both are asked about anew.
                clock.Advance(KeyRing.Belief);
            }
        }

        Assert.Equal([(401, 1), (401, 1), (401, 1), (429, 0), (429, 0)], ofAbsent);
        Assert.Equal(ofAbsent, ofKnown);
    }

    [Fact]
    public async Task The_right_key_opens_while_others_guess_at_the_rest_of_it()
    {
        var (key, right) = await CreateAsync();
        for (var i = 0; i < 20; i++)
        {
            await TryAsync("gwk_" + key.Prefix + KeyText.New()[16..]);
        }

        clock.Advance(KeyRing.Belief);
        Assert.Equal(200, await TryAsync(right));
    }

    [Fact]
    public async Task A_thousand_wrong_keys_at_once_ask_the_store_a_few_times()
    {
        var gate = new TaskCompletionSource();
        host.Keys.Gate = gate.Task;
        var calls = Enumerable.Range(0, 1000).Select(_ => TryAsync(KeyText.New())).ToArray();
        while (host.Keys.Asked.Count < 32)
        {
            await Task.Yield();
        }

        gate.SetResult();
        var answers = await Task.WhenAll(calls);

        Assert.True(host.Keys.Asked.Count < 100, $"The store was asked {host.Keys.Asked.Count} times.");
        Assert.DoesNotContain(200, answers);
        Assert.Equal(200, await TryAsync(host.Key));
    }

    [Fact]
    public async Task Every_failure_is_recorded_the_first_above_the_limits_is_in_the_log_and_nothing_of_a_key_is_in_either()
    {
        var keys = Enumerable.Range(0, 20).Select(_ => KeyText.New()).ToList();
        foreach (var wrong in keys)
        {
            await TryAsync(wrong);
        }

        var line = Assert.Single(host.Log, line => line.Contains("failed too often", StringComparison.Ordinal));
        Assert.Contains("127.0.0.1", line, StringComparison.Ordinal);
        var record = Assert.Single(await host.FailuresAsync());
        Assert.Equal("127.0.0.1", record.Address);
        Assert.StartsWith("20 refused", record.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(keys, key => AuditText.Of(record).Contains(KeyText.PrefixOf(key), StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log, entry => keys.Exists(key => entry.Contains(key, StringComparison.Ordinal) || entry.Contains(KeyText.PrefixOf(key), StringComparison.Ordinal)));
    }

    [Fact]
    public void Failures_from_a_hundred_thousand_addresses_take_no_more_memory_than_those_from_one()
    {
        using var record = new FailedSignIns(new FakeAuditLog(), clock, NullLogger<FailedSignIns>.Instance);
        var limiter = new SignInLimiter(Options.Create(new SignInOptions()), clock, record, NullLogger<SignInLimiter>.Instance);
        var callers = Enumerable.Range(0, 100_000).Select(i => CallerAddress.Of(new IPAddress(0x0A000000 + i))).ToList();
        limiter.Failed(callers[0], SignInWay.Key, "p");
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var caller in callers)
        {
            limiter.Failed(caller, SignInWay.Key, caller.Full);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / callers.Count;
        // What it tells of each, for the moment: nothing stays.
        Assert.True(each < 100, $"{each} bytes for each");
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Of_ipv6_a_whole_network_is_one_caller(string address, string group) =>
        Assert.Equal(group, CallerAddress.Of(IPAddress.Parse(address)).Group);

    [Fact]
    public void A_limit_comes_back_bit_by_bit_and_debts_do_not_pile_up()
    {
        var table = new FailureTable(4, TimeSpan.FromSeconds(40), clock);
        for (var i = 0; i < 1000; i++)
        {
            table.Add("a");
        }

        Assert.Equal(TimeSpan.FromSeconds(10), table.WaitOf("a"));
        Assert.Null(table.WaitOf("b"));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(table.WaitOf("a"));
        table.Add("a");
        Assert.NotNull(table.WaitOf("a"));
    }

    private Task<(StoredKey Key, string Text)> CreateAsync() =>
        host.Services.GetRequiredService<KeyDesk>().CreateAsync("local", "default", [Scopes.JobsRead], null, "operator:1", TestContext.Current.CancellationToken);

    private async Task<int> TryAsync(string key)
    {
        using var response = await SendAsync(key);
        return (int)response.StatusCode;
    }

    private Task<HttpResponseMessage> SendAsync(string key)
    {
        var request = host.Post(Health, withKey: false);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        return host.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
