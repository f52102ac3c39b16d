using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Conversations as a client has them: made, gone on with one job at a time, and deleted.</summary>
public sealed class SessionSpecs : GatewayHouse
{
    [Fact]
    public async Task Jobs_of_one_session_run_one_after_another_in_the_order_of_their_acceptance()
    {
        var gateway = await StartAsync();
        var session = await CreateAsync(gateway);
        List<JobRecord> jobs = [];
        for (var i = 0; i < 3; i++)
        {
            jobs.Add(await gateway.Client.SubmitAsync(Prompt(i), ("sessionId", session)));
        }

        await Wait.LinesAsync(At("log"), 1);
        foreach (var waiting in jobs[1..])
        {
            var job = await gateway.Client.StatusAsync(waiting.Id);
            Assert.Equal(("queued", "waiting", session), (job.Status, job.Json.GetProperty("progress").GetProperty("phase").GetString(), job.Json.GetProperty("sessionId").GetString()));
            Assert.False(job.Has("queuePosition"));
        }

        Assert.Equal("conflict", (await gateway.Client.CallAsync("session_delete", new { sessionId = session })).ErrorKind);
        foreach (var (i, job) in jobs.Index())
        {
            await File.WriteAllTextAsync(At($"gate{i}"), "", Token);
            Assert.Equal("completed", (await gateway.Client.EndAsync(job.Id)).Status);
        }

        var runs = AgentLog.Read(At("log")).OrderBy(run => run.StartTicks).ToList();
        Assert.Equal(3, runs.Count);
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.StopTicks <= pair.Second.StartTicks, "two runs of one session at once"));
        Assert.Equal(jobs.Select(job => job.Id), (await JobsOfAsync(gateway, session)).Reverse());
        var seen = (await gateway.Client.CallAsync("session_get", new { sessionId = session })).Good.GetProperty("session");
        Assert.Equal((3, jobs[2].Id), (seen.GetProperty("jobCount").GetInt32(), seen.GetProperty("lastJobId").GetString()));
        Assert.Equal(session, (await gateway.Client.CallAsync("session_delete", new { sessionId = session })).Good.GetProperty("deletedSession").GetProperty("id").GetString());
        Assert.Equal("not_found", (await gateway.Client.CallAsync("claude_request_async", new { prompt = "on", sessionId = session })).ErrorKind);
    }

    [Fact]
    public async Task A_job_that_is_canceled_in_the_middle_of_the_line_lets_the_others_go()
    {
        var gateway = await StartAsync();
        var session = await CreateAsync(gateway, active: true);
        var first = await gateway.Client.SubmitAsync(Prompt(0));
        await Wait.LinesAsync(At("log"), 1);
        var second = await gateway.Client.SubmitAsync(Prompt(1));
        var third = await gateway.Client.SubmitAsync(Prompt(2));
        Assert.All((JobRecord[])[first, second, third], job => Assert.Equal(session, job.Json.GetProperty("sessionId").GetString()));

        Assert.Equal("canceled", (await gateway.Client.CallAsync("llm_job_cancel", new { jobId = second.Id })).Good.GetProperty("job").GetProperty("status").GetString());
        await gateway.Client.CallAsync("llm_job_cancel", new { jobId = first.Id });
        Assert.Equal("canceled", (await gateway.Client.EndAsync(first.Id)).Status);
        await File.WriteAllTextAsync(At("gate2"), "", Token);

        Assert.Equal("completed", (await gateway.Client.EndAsync(third.Id)).Status);
        Assert.Equal(2, AgentLog.Starts(At("log")));
    }

    [Fact]
    public async Task Jobs_of_different_sessions_do_not_wait_for_each_other()
    {
        var gateway = await StartAsync();
        var first = await gateway.Client.SubmitAsync(Prompt(0));
        await Wait.LinesAsync(At("log"), 1);

        var other = await gateway.Client.RunAsync("[[fake: answer beside]]", ("createNewSession", true));

        Assert.Equal("completed", other.Status);
        Assert.NotEqual(first.Json.GetProperty("sessionId").GetString(), other.Json.GetProperty("sessionId").GetString());
        await File.WriteAllTextAsync(At("gate0"), "", Token);
        Assert.Equal("completed", (await gateway.Client.EndAsync(first.Id)).Status);
    }

    private string Prompt(int i) => $"[[fake: log {At("log")}; wait {At($"gate{i}")}; answer turn {i}]]";

    private static async Task<string> CreateAsync(GatewayProcess gateway, bool active = false) =>
        (await gateway.Client.CallAsync("session_create", new { cli = "claude", setAsActive = active })).Good.GetProperty("session").GetProperty("id").GetString()!;

    private static async Task<IReadOnlyList<string>> JobsOfAsync(GatewayProcess gateway, string session) =>
        [.. (await gateway.Client.CallAsync("llm_job_list", new { sessionId = session })).Good.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!)];
}
