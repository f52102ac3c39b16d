using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Conversations of the real CLIs that begin with what another one holds.</summary>
public sealed class ForkSpecs(ModelStubProcess stub) : RealCliHouse(stub)
{
    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    public async Task A_fork_knows_the_old_turns_waits_for_nobody_and_leaves_the_original_as_it_was(string cli)
    {
        var (begins, beside, aside) = ($"[[stub:text blue]] Which colour, {cli}?", $"[[stub:gate {cli}]][[stub:text heard]] The original of {cli}.", $"[[stub:text told]] The fork of {cli}.");
        var (ends, endsAside) = ($"[[stub:text end]] The original of {cli} ends.", $"[[stub:text end]] The fork of {cli} ends.");
        var gateway = await StartRealAsync();
        var original = Session(await DoneAsync(gateway, cli, begins, ("workingDir", Workspace)));

        // The original is in the middle of its second turn: a fork begins with what its last finished job left.
        var under = await SubmitAsync(gateway, cli, beside, ("sessionId", original));
        await Stub.ReachedAsync(cli, Token);
        var fork = Session(await DoneAsync(gateway, cli, aside, ("sessionId", original), ("forkSession", true)));
        Assert.Equal("running", (await gateway.Client.StatusAsync(under.Id)).Status);
        await Stub.ReleaseAsync(cli, Token);
        Assert.Equal("completed", (await gateway.Client.EndAsync(under.Id)).Status);

        // Both go on, each with what it said itself.
        var last = await DoneAsync(gateway, cli, ends, ("sessionId", original));
        var lastOfFork = await DoneAsync(gateway, cli, endsAside, ("sessionId", fork));

        Assert.NotEqual(original, fork);
        Assert.Equal((original, fork), (Session(last), Session(lastOfFork)));
        var (first, second, third) = (await AskedAsync(begins), await AskedAsync(beside), await AskedAsync(ends));
        var (firstAside, secondAside) = (await AskedAsync(aside), await AskedAsync(endsAside));
        Assert.Equal([begins, "blue"], Said(second));
        Assert.Equal([begins, "blue", beside, "heard"], Said(third));
        Assert.Equal([begins, "blue"], Said(firstAside));
        Assert.Equal([begins, "blue", aside, "told"], Said(secondAside));
        Assert.Single(new[] { first, second, third }.Select(request => request.SessionId).Distinct());
        Assert.Equal(firstAside.SessionId, secondAside.SessionId);
        Assert.NotEqual(first.SessionId, firstAside.SessionId);
        await RecordsAsync(gateway, original, first.SessionId, last.Id, 3);
        await RecordsAsync(gateway, fork, firstAside.SessionId, lastOfFork.Id, 2);
    }

    /// <summary>The record of a session tells its own jobs, its CLI's id, and the sum of what its own jobs took: nothing of the other's.</summary>
    private async Task RecordsAsync(GatewayProcess gateway, string session, string thread, string lastJob, int count)
    {
        var jobs = await JobsAsync(gateway, session);
        var seen = (await gateway.Client.CallAsync("session_get", new { sessionId = session })).Good.GetProperty("session");
        Assert.Equal((count, lastJob, Workspace), (seen.GetProperty("jobCount").GetInt32(), seen.GetProperty("lastJobId").GetString(), seen.GetProperty("workingDir").GetString()));
        Assert.Equal(thread, seen.TryGetProperty("providerSessionId", out var own) ? own.GetString() : session);
        Assert.Equal(count, jobs.Count);
        foreach (var member in (string[])["inputTokens", "outputTokens"])
        {
            Assert.Equal(jobs.Sum(job => job.GetProperty("usage").GetProperty(member).GetInt64()), seen.GetProperty("usage").GetProperty(member).GetInt64());
        }

        Assert.All(jobs, job => Assert.InRange(job.GetProperty("usage").GetProperty("outputTokens").GetInt64(), 1, 20));
    }

    private static async Task<JobRecord> DoneAsync(GatewayProcess gateway, string cli, string prompt, params (string Name, object Value)[] more)
    {
        var job = await RunAsync(gateway, cli, prompt, more);
        Assert.True(job is { Status: "completed", Attempt: 1 }, job.ToString());
        return job;
    }

    private static async Task<IReadOnlyList<JsonElement>> JobsAsync(GatewayProcess gateway, string session) =>
        [.. (await gateway.Client.CallAsync("llm_job_list", new { sessionId = session })).Good.GetProperty("jobs").EnumerateArray()];

    private static string Session(JobRecord job) => job.Json.GetProperty("sessionId").GetString()!;

    // A CLI may put words of its own between the turns.
    private static IEnumerable<string> Said(StubRequest request) => request.Earlier.Where(text => text.Contains("[[stub:", StringComparison.Ordinal) || text is "blue" or "heard" or "told" or "end");

    private async Task<StubRequest> AskedAsync(string prompt) => Assert.Single(await Stub.RequestsAsync(), request => request.Prompt == prompt);
}
