using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Policies;

/// <summary>Counters outlive SIGKILL: each call is counted with its job, or neither is.</summary>
public sealed class KilledCountSpecs : GatewayHouse
{
    private const int Max = 60;
    private const int AtOnce = 8;
    private const string StoreTooSlow = "policy_unavailable";

    [Fact]
    public async Task Killed_in_the_middle_of_bursts_exactly_the_allowed_number_passes_in_total()
    {
        var folder = new PolicyFolder(At("policies"), PolicyFolder.Starts(Max));
        var gateway = await StartAsync(("Policies:Folder", folder.Path), ("Worker:Slots", "1"));
        var (told, unknown) = (0, 0);
        while (told < Max / 6)
        {
            told += HasPassed(await SubmitAsync(gateway)) ? 1 : 0;
        }

        for (var killed = 0; killed < 2; killed++)
        {
            var (passed, lost) = await BurstAsync(gateway, Max / 6);
            (told, unknown) = (told + passed, unknown + lost);
            var counted = Assert.Single(gateway.Store.Counters()).Used;
            Assert.Equal(gateway.Store.Jobs().Count, counted);
            Assert.InRange(counted, told, Max);
            await gateway.StartAsync();
        }

        var left = Max - gateway.Store.Jobs().Count;
        var after = await Task.WhenAll(Enumerable.Range(0, Max).Select(_ => SubmitAsync(gateway)));

        Tell($"{told} calls passed before and during the bursts, {unknown} got no answer, {left} were left.");
        Assert.Equal(left, after.Count(reply => !reply.IsError));
        Assert.All(after.Where(reply => reply.IsError), reply => Assert.Contains(reply.ErrorKind, (string[])["rate_limited", StoreTooSlow]));
        Assert.Equal([("claude_request_async", "starts", (decimal)Max)], gateway.Store.Counters());
        Assert.Equal(Max, gateway.Store.Jobs().Count);
        Assert.Equal(Max, gateway.Store.Records("claude_request_async").Count(record => record.Decision == "allowed"));
        Assert.True(unknown > 0, "No call was cut off: the kill came too late to show anything.");
    }

    private static Task<Reply> SubmitAsync(GatewayProcess gateway) => gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: answer x]]" });

    // A store that did not answer in time refuses: nothing is started and nothing counted, and the next call may pass.
    private static bool HasPassed(Reply reply)
    {
        Assert.True(!reply.IsError || reply.ErrorKind == StoreTooSlow, reply.Text);
        return !reply.IsError;
    }

    /// <summary>Calls without a pause from several sides, and SIGKILL once so many have passed. How many passed, and how many got no answer.</summary>
    private static async Task<(int Passed, int Lost)> BurstAsync(GatewayProcess gateway, int killAfter)
    {
        var (passed, lost) = (0, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var callers = Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    if (HasPassed(await SubmitAsync(gateway)) && Interlocked.Increment(ref passed) >= killAfter)
                    {
                        enough.TrySetResult();
                    }
                }
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref lost);
            }
        })).ToList();
        await enough.Task.WaitAsync(Wait.Long, TimeProvider.System, Token);
        await gateway.KillAsync();
        await Task.WhenAll(callers);
        return (passed, lost);
    }
}
