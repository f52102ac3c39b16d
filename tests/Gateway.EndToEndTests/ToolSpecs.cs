using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>What a client sees of a job from its start to its end.</summary>
public sealed class ToolSpecs : GatewayHouse
{
    private const int MostToolListBytes = 40 * 1024;

    [Fact]
    public async Task The_list_of_tools_is_short_and_every_tool_has_its_four_hints()
    {
        var gateway = await StartAsync();

        var tools = await gateway.Client.ToolsAsync();

        Assert.True(tools.GetRawText().Length <= MostToolListBytes);
        var hints = tools.EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => Hints(t.GetProperty("annotations")));
        Assert.Equal("fttt", hints["approval_decide"]);
        Assert.Equal("tftf", hints["approval_list"]);
        Assert.Equal("ftft", hints["claude_request"]);
        Assert.Equal("ftft", hints["claude_request_async"]);
        Assert.Equal("ftft", hints["gemini_request"]);
        Assert.Equal("ftft", hints["gemini_request_async"]);
        Assert.Equal("tftf", hints["llm_job_status"]);
        Assert.Equal("tftf", hints["llm_job_result"]);
        Assert.Equal("fttf", hints["llm_job_cancel"]);
        Assert.Equal("tftf", hints["llm_job_list"]);
        Assert.Equal("ftft", hints["llm_job_retry"]);
        Assert.Equal("tftf", hints["llm_process_health"]);
        Assert.Equal("tftf", hints["llm_request_result"]);
    }

    [Fact]
    public async Task A_job_goes_forward_only_and_its_start_answers_at_once()
    {
        var gateway = await StartAsync(("Worker:Slots", "1"));
        await gateway.Client.SubmitAsync($"[[fake: wait {At("first")}]]");

        var started = TimeProvider.System.GetTimestamp();
        var job = await gateway.Client.SubmitAsync($"[[fake: wait {At("second")}; answer hello]]");
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1));
        Assert.Matches("^job_[a-z2-7]{26}$", job.Id);
        Assert.Equal("queued", job.Status);
        Assert.False(job.Has("exitCode") || job.Has("finishedAt") || job.Has("startedAt"));

        await File.WriteAllTextAsync(At("first"), "", Token);
        await Wait.UntilAsync(async () => (await gateway.Client.StatusAsync(job.Id)).Status == "running", "running");
        await File.WriteAllTextAsync(At("second"), "", Token);
        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("completed", "hello"), (end.Status, await gateway.Client.AnswerAsync(job.Id)));
        Assert.True(end.Has("finishedAt"));
    }

    [Fact]
    public async Task Jobs_of_one_caller_start_in_their_order()
    {
        const int jobs = 8;
        var gateway = await StartAsync(("Worker:Slots", "1"));
        var first = await gateway.Client.SubmitAsync($"[[fake: log {At("log")}; wait {At("gate")}]]");
        var ids = new List<Guid> { PublicId.Read(first.Id) };
        await Wait.LinesAsync(At("log"), 1);
        for (var i = 1; i < jobs; i++)
        {
            ids.Add(PublicId.Read((await gateway.Client.SubmitAsync($"[[fake: log {At("log")}]]")).Id));
        }

        await File.WriteAllTextAsync(At("gate"), "", Token);
        await gateway.Client.EndAsync((await gateway.Client.SubmitAsync("the last")).Id);

        Assert.Equal(ids, AgentLog.Read(At("log")).Select(r => r.JobId));
        await new Checker(gateway.Store, ids).CheckAsync(AgentLog.Read(At("log")), 0.01m);
    }

    [Fact]
    public async Task Progress_is_told_once_each_in_order_and_without_a_word_of_the_run()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync("[[fake: think secret-thought; tool SecretTool secret-result; say secret-words; sleep 300; stderr secret-noise; answer secret-answer]]");
        List<JsonElement> events = [];
        var after = 0L;
        for (var final = false; !final;)
        {
            var progress = (await gateway.Client.CallAsync("llm_job_status", new { jobId = job.Id, waitMs = 5000, afterProgressSeq = after, progressLimit = 2 })).Good.GetProperty("job");
            events.AddRange(progress.GetProperty("progress").GetProperty("events").EnumerateArray());
            after = progress.GetProperty("progress").GetProperty("nextAfterSeq").GetInt64();
            final = new JobRecord(progress).IsFinal && !progress.GetProperty("progress").GetProperty("hasMore").GetBoolean();
        }

        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.GetProperty("seq").GetInt64()));
        var kinds = events.Select(e => e.GetProperty("kind").GetString()).ToList();
        Assert.Contains("tool_start", kinds);
        Assert.Contains("reasoning", kinds);
        Assert.Equal("terminal", kinds[^1]);
        Assert.DoesNotContain("secret", string.Concat(events).ToLowerInvariant(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_call_waits_for_the_end_and_no_longer()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: wait {At("gate")}]]");
        var waiting = gateway.Client.CallAsync("llm_job_status", new { jobId = job.Id, waitFor = "terminal", waitMs = 45_000 });
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal("running", (await gateway.Client.CallAsync("llm_job_status", new { jobId = job.Id, waitFor = "terminal", waitMs = 1500 })).Good.GetProperty("job").GetProperty("status").GetString());
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(1400));

        await File.WriteAllTextAsync(At("gate"), "", Token);

        Assert.Equal("completed", (await waiting).Good.GetProperty("job").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Two_hundred_starts_at_once_are_all_run_once_and_counted()
    {
        const int jobs = 200;
        var gateway = await StartWithAsync(BuiltPrograms.FakeClaudeScript, ("Worker:Sandbox", "None"));

        var ids = await Task.WhenAll(Enumerable.Range(0, jobs).Select(i => SubmitPatientlyAsync(gateway.Client, i)));
        foreach (var id in ids)
        {
            Assert.Equal("completed", (await gateway.Client.EndAsync(id)).Status);
        }

        await new Checker(gateway.Store, [.. ids.Select(PublicId.Read)]).CheckAsync([]);
        Assert.All(gateway.Store.Jobs(), j => Assert.Equal(1, j.Attempt));
        var health = await gateway.Client.HealthAsync();
        Assert.True(health.GetProperty("ready").GetBoolean());
        Assert.Equal((0, 0), (health.GetProperty("runningJobs").GetInt32(), health.GetProperty("queuedJobs").GetInt32()));
        Assert.Equal(16, health.GetProperty("backpressure").GetProperty("jobs").GetProperty("slots").GetInt32());
    }

    [Fact]
    public async Task A_job_is_run_again_as_a_new_one_and_both_are_listed()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.RunAsync("[[fake: exit 3]]", ("labels", new[] { "mine" }));

        var again = (await gateway.Client.CallAsync("llm_job_retry", new { jobId = job.Id, overrides = new { prompt = "[[fake: answer better]]" } })).Good.GetProperty("jobId").GetString()!;

        var end = await gateway.Client.EndAsync(again);
        Assert.Equal(("completed", job.Id), (end.Status, end.Json.GetProperty("retryOf").GetString()));
        var list = (await gateway.Client.CallAsync("llm_job_list", new { label = new[] { "mine" } })).Good.GetProperty("jobs");
        Assert.Equal([again, job.Id], list.EnumerateArray().Select(j => j.GetProperty("id").GetString()));
    }

    /// <summary>A slow disk may make the gateway say "later": then nothing was accepted, and the key keeps that honest.</summary>
    private static async Task<string> SubmitPatientlyAsync(McpCaller client, int number)
    {
        string? id = null;
        await Wait.UntilAsync(
            async () =>
            {
                var reply = await client.CallAsync("claude_request_async", new { prompt = $"number {number}\n", idempotencyKey = $"key-{number}" });
                id = reply.IsError && reply.ErrorKind == "policy_unavailable" ? null : reply.Good.GetProperty("jobId").GetString();
                return id is not null;
            },
            "accepted");
        return id!;
    }

    private static string Hints(JsonElement annotations) => string.Concat(
        new[] { "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint" }.Select(h => annotations.GetProperty(h).GetBoolean() ? "t" : "f"));
}
