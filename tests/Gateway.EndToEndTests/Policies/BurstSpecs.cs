using System.Text.Json;
using Gateway.EndToEndTests.ScaleOut;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Policies;

/// <summary>Many calls at one instant: exactly as many pass as the policy allows, whoever takes them.</summary>
public sealed class EmbeddedBurstSpecs : GatewayHouse
{
    [Fact]
    public async Task Of_fifty_calls_at_once_exactly_ten_pass_and_no_other_is_counted()
    {
        var folder = new PolicyFolder(At("policies"), PolicyFolder.Starts(Burst.Max));
        var gateway = await StartAsync(("Policies:Folder", folder.Path));

        await Burst.CheckAsync([gateway], gateway.Store);
    }
}

/// <summary>The same with two processes on one database.</summary>
public sealed class ScaleOutBurstSpecs : ScaleOutHouse
{
    [Fact]
    public async Task Of_fifty_calls_at_once_on_two_gateways_exactly_ten_pass_and_no_other_is_counted()
    {
        var folder = new PolicyFolder(At("policies"), PolicyFolder.Starts(Burst.Max));
        var gateways = new[] { await StartApiAsync(("Policies:Folder", folder.Path)), await StartApiAsync(("Policies:Folder", folder.Path)) };

        await Burst.CheckAsync(gateways, Store);
    }
}

/// <summary>Fifty calls at one instant, and what is to be found afterwards.</summary>
internal static class Burst
{
    /// <summary>Two for the calls before, ten for the burst.</summary>
    public const int Max = 12;

    private const int Before = 2;
    private const int Calls = 50;

    public static async Task CheckAsync(IReadOnlyList<GatewayProcess> gateways, JobStore store)
    {
        // What a first call needs is there before, and connections are: the calls meet in the store, not on the way to it.
        for (var i = 0; i < Before;)
        {
            i += (await SubmitAsync(gateways[i % gateways.Count])).IsError ? 0 : 1;
        }

        await Task.WhenAll(gateways.SelectMany(gateway => Enumerable.Range(0, Calls / gateways.Count).Select(_ => gateway.Client.ToolsAsync())));
        var replies = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => SubmitAsync(gateways[i % gateways.Count])));

        // On a machine that is too busy a store may not answer in time: such a call is refused too, and counts as little.
        var refused = replies.Where(reply => reply.IsError).Select(reply => reply.Error).ToLookup(error => error.GetProperty("kind").GetString() ?? "");
        Assert.Equal(Max - Before, replies.Count(reply => !reply.IsError));
        Assert.Empty(refused.Select(kind => kind.Key).Except(["rate_limited", "policy_unavailable"]));
        Assert.NotEmpty(refused["rate_limited"]);
        Assert.All(refused["rate_limited"], error => Assert.Equal(
            ("/tools/claude_request_async/limits/starts", Max, 0),
            (error.GetProperty("rule").GetString(), error.GetProperty("limit").GetInt32(), error.GetProperty("remaining").GetInt32())));
        Assert.Equal([("claude_request_async", "starts", (decimal)Max)], store.Counters());
        Assert.Equal(Max, store.Jobs().Count);

        // What the counter stood at after each call that passed: no two saw the same.
        var records = store.Records("claude_request_async").ToLookup(record => record.Decision, record => JsonElement.Parse(record.Record));
        Assert.Equal(Enumerable.Range(1, Max), records["allowed"].Select(record => record.GetProperty("counters")[0].GetProperty("used").GetInt32()).Order());
        Assert.Equal(refused["rate_limited"].Count(), records["denied"].Count());
    }

    private static Task<Reply> SubmitAsync(GatewayProcess gateway) => gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: answer x]]" });
}
