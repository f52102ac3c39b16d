using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Behaviours;

/// <summary>An equal call of the same caller is given the job there is; any other call, and any other caller, a job of its own.</summary>
public sealed class EqualCallSpecs : GatewayHouse
{
    [Fact]
    [Behaviour(14)]
    [Behaviour(15)]
    [Behaviour(16)]
    [Behaviour(17)]
    [Behaviour(18)]
    public async Task An_equal_call_gets_the_job_there_is_while_it_runs_and_after_it_completed_and_an_unequal_one_or_anothers_does_not()
    {
        using var both = await StartTwoAsync();
        var (one, other) = (Directory.CreateDirectory(At("one")).FullName, Directory.CreateDirectory(At("other")).FullName);
        var prompt = $"[[fake: log {At("log")}; wait {At("gate")}; answer once]]";
        var first = await both.Acme.SubmitAsync(prompt, ("workingDir", one));
        await Wait.LinesAsync(At("log"), 1);

        var running = await both.Acme.SubmitAsync(prompt, ("workingDir", one), ("labels", new[] { "again" }), ("timeoutMs", 60_000));
        await File.WriteAllTextAsync(At("gate"), "", Token);
        await both.Acme.EndAsync(first.Id);
        var waited = (await both.Acme.CallAsync("claude_request", new { prompt, workingDir = one })).Good;

        Assert.Equal((false, first.Id, true), (Deduped(first), running.Id, Deduped(running)));
        Assert.Equal((first.Id, "once", true), (waited.GetProperty("jobId").GetString(), waited.GetProperty("response").GetString(), waited.GetProperty("deduped").GetBoolean()));
        Assert.Equal(1, AgentLog.Starts(At("log")));

        List<(McpCaller Caller, JobRecord Job)> own = [(both.Acme, first)];
        foreach (var (caller, more) in ((McpCaller, (string, object)[])[])[
            (both.Acme, [("workingDir", one), ("forceRefresh", true)]),
            (both.Acme, [("workingDir", one), ("forceRefresh", true)]),
            (both.Acme, [("workingDir", other)]),
            (both.Acme, [("workingDir", one), ("model", "opus")]),
            (both.Acme, [("workingDir", one), ("permissionMode", "acceptEdits")]),
            (both.Acme, [("workingDir", one), ("permissionMode", "acceptEdits")]),
            (both.Bolt, [("workingDir", one)])])
        {
            own.Add((caller, await caller.SubmitAsync(prompt, more)));
        }

        Assert.All(own, call => Assert.False(Deduped(call.Job)));
        Assert.Equal(own.Count, own.Select(call => call.Job.Id).Distinct().Count());
        foreach (var (caller, job) in own)
        {
            Assert.Equal("completed", (await caller.EndAsync(job.Id)).Status);
        }

        Assert.Equal(own.Select(call => PublicId.Read(call.Job.Id)).Order(), AgentLog.Read(At("log")).Select(run => run.JobId).Order());
        await SeesItsOwnAloneAsync(both.Acme, both.Bolt, own[^1].Job.Id);
        await SeesItsOwnAloneAsync(both.Bolt, both.Acme, first.Id);
    }

    private static bool Deduped(JobRecord job) => job.Json.GetProperty("deduped").GetBoolean();

    private static async Task SeesItsOwnAloneAsync(McpCaller stranger, McpCaller owner, string id)
    {
        Assert.Equal("not_found", (await stranger.CallAsync("llm_job_status", new { jobId = id })).ErrorKind);
        Assert.Equal("not_found", (await stranger.CallAsync("llm_job_result", new { jobId = id })).ErrorKind);
        Assert.DoesNotContain(id, (await stranger.CallAsync("llm_job_list", new { limit = 100 })).Good.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(id, (await owner.CallAsync("llm_job_list", new { limit = 100 })).Good.GetRawText(), StringComparison.Ordinal);
    }

    private async Task<TwoTenants> StartTwoAsync()
    {
        Directory.CreateDirectory(At("one"));
        var both = await TwoTenants.StartAsync(NextFolder(), WithCli(BuiltPrograms.FakeAgent, ("Worker:Sandbox", "Process"), ("Jobs:DedupWindow", "01:00:00"), ("Workspaces:Roots:0", At(""))));
        Guard(both.Gateway);
        return both;
    }
}
