using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Policies;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Behaviours;

/// <summary>Jobs that wait: each goes forward only, the oldest first, and none is lost, run twice or counted wrongly.</summary>
public sealed class OrderSpecs : GatewayHouse
{
    private const decimal CostOfARunUsd = 0.01m;

    private string Log => At("log");

    [Fact]
    [Behaviour(2)]
    [Behaviour(3)]
    public async Task A_start_answers_at_once_and_the_job_goes_forward_only()
    {
        var gateway = await StartAsync(("Worker:Slots", "1"));
        await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("first")}]]");
        await Wait.LinesAsync(Log, 1);

        var started = TimeProvider.System.GetTimestamp();
        var job = await gateway.Client.SubmitAsync($"[[fake: wait {At("second")}; answer hello]]");
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1));
        Assert.Matches("^job_[a-z2-7]{26}$", job.Id);
        Assert.Equal("queued", job.Status);
        Assert.False(job.Has("exitCode") || job.Has("finishedAt") || job.Has("startedAt"));

        List<string> seen = [job.Status];
        await File.WriteAllTextAsync(At("first"), "", Token);
        await PollAsync("running");
        await File.WriteAllTextAsync(At("second"), "", Token);
        await PollAsync("completed");

        Assert.Equal(["queued", "running", "completed"], seen);
        Assert.Equal("hello", await gateway.Client.AnswerAsync(job.Id));
        Assert.True((await gateway.Client.StatusAsync(job.Id)).Has("finishedAt"));

        Task PollAsync(string status) => Wait.UntilAsync(
            async () =>
            {
                var now = (await gateway.Client.StatusAsync(job.Id)).Status;
                if (now != seen[^1])
                {
                    seen.Add(now);
                }

                return now == status;
            },
            status);
    }

    [Fact]
    [Behaviour(28)]
    public async Task A_job_that_no_worker_took_in_time_expires_and_without_a_limit_it_waits_on()
    {
        var (hasty, patient) = (await StartAsync(("Worker:Slots", "1"), ("Jobs:MaxQueueWait", "00:00:03")), await StartAsync(("Worker:Slots", "1")));
        foreach (var gateway in (GatewayProcess[])[hasty, patient])
        {
            await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]");
        }

        await Wait.LinesAsync(Log, 2);
        var waits = await patient.Client.SubmitAsync("[[fake: answer waited]]");
        var job = await hasty.Client.SubmitAsync($"[[fake: log {Log}]]");
        var end = await hasty.Client.EndAsync(job.Id);

        Assert.Equal(("failed", "expired", 75, 0), (end.Status, end.FailureKind, end.ExitCode, end.Attempt));
        Assert.True(end.Failure!.Value.GetProperty("retryable").GetBoolean());
        Assert.False(end.Has("startedAt"));
        Assert.Equal("queued", (await patient.Client.StatusAsync(waits.Id)).Status);

        await File.WriteAllTextAsync(At("gate"), "", Token);
        Assert.Equal("completed", (await patient.Client.EndAsync(waits.Id)).Status);
        Assert.Equal("completed", (await hasty.Client.RunAsync("the place is free")).Status);
        Assert.DoesNotContain(PublicId.Read(job.Id), AgentLog.Read(Log).Select(run => run.JobId));
    }

    [Fact]
    [Behaviour(29)]
    public async Task A_place_that_falls_free_goes_to_the_oldest_of_its_cli_and_a_cli_at_its_cap_holds_up_no_other()
    {
        var policy = new PolicyFolder(At("policies"), """
            { "version": "1", "default": "allow", "tools": {
                "claude_request_async": { "limits": [{ "kind": "running", "max": 1 }] },
                "codex_request_async": { "limits": [{ "kind": "running", "max": 1 }] } } }
            """);
        var gateway = await StartAsync(
            ("Policies:Folder", policy.Path), ("Worker:Slots", "4"), ("Codex:Program", BuiltPrograms.FakeAgent), ("Credentials:codex:Kind", "api_key"), ("Credentials:codex:File", KeyFile()));
        Dictionary<string, List<string>> jobs = new() { ["claude"] = [], ["codex"] = [] };
        for (var i = 0; i < 4; i++)
        {
            foreach (var (cli, ids) in jobs)
            {
                gateway.Client.Starter = $"{cli}_request_async";
                ids.Add((await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At(cli)}; answer {i}]]")).Id);
            }
        }

        await Wait.LinesAsync(Log, jobs.Count);
        await File.WriteAllTextAsync(At("codex"), "", Token);
        await AllCompleteAsync(gateway.Client, jobs["codex"]);
        Assert.Equal(["running", "queued", "queued", "queued"], await Task.WhenAll(jobs["claude"].Select(async id => (await gateway.Client.StatusAsync(id)).Status)));
        await File.WriteAllTextAsync(At("claude"), "", Token);
        await AllCompleteAsync(gateway.Client, jobs["claude"]);

        var runs = AgentLog.Read(Log);
        foreach (var ids in jobs.Values.Select(ids => ids.ConvertAll(PublicId.Read)))
        {
            Assert.Equal(ids, runs.Where(run => ids.Contains(run.JobId)).OrderBy(run => run.StartTicks).Select(run => run.JobId));
        }

        await new Checker(gateway.Store, [.. jobs.Values.SelectMany(ids => ids).Select(PublicId.Read)]).CheckAsync(runs);
    }

    [Fact]
    [Behaviour(29)]
    public async Task With_one_slot_jobs_of_one_caller_start_in_their_order()
    {
        const int jobs = 8;
        var gateway = await StartAsync(("Worker:Slots", "1"));
        var first = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]");
        var ids = new List<Guid> { PublicId.Read(first.Id) };
        await Wait.LinesAsync(Log, 1);
        for (var i = 1; i < jobs; i++)
        {
            ids.Add(PublicId.Read((await gateway.Client.SubmitAsync($"[[fake: log {Log}]]")).Id));
        }

        await File.WriteAllTextAsync(At("gate"), "", Token);
        await gateway.Client.EndAsync((await gateway.Client.SubmitAsync("the last")).Id);

        Assert.Equal(ids, AgentLog.Read(Log).Select(r => r.JobId));
        await new Checker(gateway.Store, ids).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
    }

    [Fact]
    [Behaviour(38)]
    public async Task Two_hundred_starts_at_once_are_all_run_once_and_counted()
    {
        const int jobs = 200, slots = 16;
        var gateway = await StartAsync(("Worker:Sandbox", "None"));

        var ids = await Task.WhenAll(Enumerable.Range(0, jobs).Select(i => SubmitPatientlyAsync(gateway.Client, i)));
        await Wait.LinesAsync(Log, slots);
        await Wait.UntilAsync(async () => Counts(await gateway.Client.HealthAsync()) == (slots, jobs - slots, slots, jobs - slots), "health counts those that run and those that wait");
        await File.WriteAllTextAsync(At("gate"), "", Token);
        await AllCompleteAsync(gateway.Client, ids);

        var runs = AgentLog.Read(Log);
        Assert.Equal(ids.Select(PublicId.Read).Order(), runs.Select(run => run.JobId).Order());
        await new Checker(gateway.Store, [.. ids.Select(PublicId.Read)]).CheckAsync(runs, CostOfARunUsd);
        var health = await gateway.Client.HealthAsync();
        Assert.True(health.GetProperty("ready").GetBoolean());
        Assert.Equal((0, 0, 0, 0), Counts(health));
        Assert.Equal(slots, health.GetProperty("backpressure").GetProperty("jobs").GetProperty("slots").GetInt32());
    }

    private static async Task AllCompleteAsync(McpCaller client, IReadOnlyList<string> ids)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            Assert.Equal(("completed", $"{i}"), ((await client.EndAsync(ids[i])).Status, await client.AnswerAsync(ids[i])));
        }
    }

    private static (int Running, int Queued, int AllRunning, int AllQueued) Counts(System.Text.Json.JsonElement health)
    {
        var all = health.GetProperty("backpressure").GetProperty("jobs");
        return (health.GetProperty("runningJobs").GetInt32(), health.GetProperty("queuedJobs").GetInt32(), all.GetProperty("running").GetInt32(), all.GetProperty("queued").GetInt32());
    }

    /// <summary>A slow disk may make the gateway say "later": then nothing was accepted, and the key keeps that honest.</summary>
    private async Task<string> SubmitPatientlyAsync(McpCaller client, int number)
    {
        string? id = null;
        await Wait.UntilAsync(
            async () =>
            {
                var reply = await client.CallAsync("claude_request_async", new { prompt = $"[[fake: log {Log}; wait {At("gate")}; answer {number}]]", idempotencyKey = $"key-{number}" });
                id = reply.IsError && reply.ErrorKind == "policy_unavailable" ? null : reply.Good.GetProperty("jobId").GetString();
                return id is not null;
            },
            "accepted");
        return id!;
    }
}
