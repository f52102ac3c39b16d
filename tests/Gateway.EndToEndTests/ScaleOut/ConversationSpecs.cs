using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Conversations of the real CLIs, offline on the model stub, that outlive the machine on which they were begun.</summary>
public sealed class ConversationSpecs(ModelStubProcess stub) : ScaleOutHouse, IClassFixture<ModelStubProcess>
{
    private const string GoOn = "Your work on this task was cut off";

    [Theory]
    [InlineData("claude", "\"type\":\"user\"")]
    [InlineData("codex", "\"type\":\"UserMessage\"")]
    [InlineData("gemini", "\"type\":\"user\"")]
    public async Task A_run_cut_with_its_machine_goes_on_in_its_conversation_on_another_worker(string cli, string prompted)
    {
        var api = await StartApiAsync([.. ShortLeases, Root, ("Auth:Scopes", "jobs:run jobs:read jobs:cancel bypass:permissions")]);
        api.Client.Starter = $"{cli}_request_async";
        var dead = await StartRealAsync("w1");
        var job = await api.Client.SubmitAsync("[[stub:hold begun]]", [("workingDir", At("ws")), .. Tools(cli)]);
        await BegunAsync(job.Id, prompted);
        var id = PublicId.Read(job.Id);

        await dead.KillWithRunnerAsync();
        await StartRealAsync("w2");

        var end = await api.Client.EndAsync(job.Id);
        Assert.True(end is { Status: "completed", Attempt: 2 } && end.Json.GetProperty("worker").GetString() == "w2", end.ToString());
        Assert.StartsWith($"You said: {GoOn}", await api.Client.AnswerAsync(job.Id), StringComparison.Ordinal);
        OneConversation(id, prompted);

        // The first attempt is still to be seen, and what became of it.
        var first = (await api.Client.CallAsync("llm_job_result", new { jobId = job.Id, attempt = 1, rawOutput = true })).Good.GetProperty("result");
        Assert.NotEqual("", first.GetProperty("stdout").GetString());
        Assert.Equal([1, 2], end.Json.GetProperty("progress").GetProperty("events").EnumerateArray().Select(e => e.GetProperty("attempt").GetInt32()).Where(attempt => attempt > 0).Distinct().Order());
        await new Checker(Store, [id]).CheckAsync([]);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_run_whose_worker_is_evacuated_goes_on_in_its_conversation_on_another_worker_uncounted()
    {
        var api = await StartApiAsync(Root);
        var leaving = await StartRealAsync("w1", ("Worker:Drain", "Evacuate"), ("Worker:SoftStop", "00:00:01"));
        var job = await api.Client.SubmitAsync("[[stub:hold begun]]", [("workingDir", At("ws")), ("maxAttempts", 1), .. Tools("claude")]);
        await BegunAsync(job.Id, "\"type\":\"user\"");
        var id = PublicId.Read(job.Id);

        Assert.Equal(0, await leaving.StopAsync());
        await StartRealAsync("w2");

        var end = await api.Client.EndAsync(job.Id);
        Assert.True(end is { Status: "completed", Attempt: 2 }, end.ToString());
        Assert.Equal(1, Store.Job(id).CountedAttempts);
        OneConversation(id, "\"type\":\"user\"");
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_session_of_ten_turns_goes_from_worker_to_worker_one_of_which_is_killed_in_the_middle_and_loses_and_doubles_none()
    {
        const int turns = 10;
        const int killed = 5;
        var api = await StartApiAsync([.. ShortLeases, Root]);
        Dictionary<string, WorkerProcess> workers = new() { ["w1"] = await StartRealAsync("w1"), ["w2"] = await StartRealAsync("w2") };
        List<JobRecord> jobs = [];
        string? session = null;
        for (var turn = 1; turn <= turns; turn++)
        {
            var prompt = turn == killed ? $"[[stub:hold begun]] turn {turn}." : $"[[stub:text heard {turn}]] turn {turn}.";
            var job = await api.Client.SubmitAsync(prompt, [("workingDir", At("ws")), .. Tools("claude"), .. session is null ? ((string Name, object Value)[])[] : [("sessionId", session)]]);
            session ??= job.Json.GetProperty("sessionId").GetString();
            if (turn == killed)
            {
                await BegunAsync(job.Id, "\"type\":\"user\"");
                var holder = (await api.Client.StatusAsync(job.Id)).Json.GetProperty("worker").GetString()!;
                await workers[holder].KillWithRunnerAsync();
            }

            var end = await api.Client.EndAsync(job.Id);
            Assert.True(end.Status == "completed" && end.Attempt == (turn == killed ? 2 : 1) && end.Json.GetProperty("sessionId").GetString() == session, end.ToString());
            jobs.Add(end);
        }

        Assert.Equal(["w1", "w2"], jobs.Select(job => job.Json.GetProperty("worker").GetString()).Distinct().Order());

        // What the model is told in the end is everything that was said, once and in order.
        var prompts = Lines(PublicId.Read(jobs[^1].Id), 1).Where(line => line.Contains("\"type\":\"user\"", StringComparison.Ordinal) && !line.Contains("tool_result", StringComparison.Ordinal)).ToList();
        for (var turn = 1; turn <= turns; turn++)
        {
            Assert.Single(prompts, line => line.Contains($"]] turn {turn}.", StringComparison.Ordinal));
        }

        Assert.Single(prompts, line => line.Contains(GoOn, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, turns), prompts.Where(line => line.Contains("]] turn ", StringComparison.Ordinal)).Select(line => int.Parse(line.Split("]] turn ")[1].Split('.')[0], System.Globalization.CultureInfo.InvariantCulture)));

        // The CLI counts over the whole conversation; the session's sum of what each job was told to have cost is the same.
        var last = (await api.Client.RawAsync(jobs[^1].Id)).Stdout.Split('\n').Last(line => line.Contains("total_cost_usd", StringComparison.Ordinal));
        var total = System.Text.Json.JsonElement.Parse(last).GetProperty("total_cost_usd").GetDecimal();
        var seen = (await api.Client.CallAsync("session_get", new { sessionId = session })).Good.GetProperty("session");
        Assert.Equal(turns, seen.GetProperty("jobCount").GetInt32());
        Assert.Equal(jobs.Sum(job => job.Json.GetProperty("costUsd").GetDecimal()), seen.GetProperty("costUsd").GetDecimal());
        Assert.Equal(decimal.Round(total, 6), decimal.Round(seen.GetProperty("costUsd").GetDecimal(), 6));
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_run_that_can_change_files_and_left_nothing_is_not_begun_again()
    {
        var api = await StartApiAsync([.. ShortLeases, Root]);
        var dead = await StartWorkerAsync("w1", [.. ShortLeases, Root]);
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; hang]]", ("workingDir", Workspace()), ("permissionMode", "acceptEdits"), ("noSessionPersistence", true));
        await Wait.LinesAsync(Log, 1);

        await dead.KillWithRunnerAsync();
        await StartWorkerAsync("w2", [.. ShortLeases, Root]);

        var end = await api.Client.EndAsync(job.Id);
        Assert.Equal(("failed", "worker_lost", 2), (end.Status, end.FailureKind, end.Attempt));
        Assert.Equal(1, AgentLog.Starts(Log));
        await NothingIsSetAsideAsync();
    }

    private (string Name, string Value) Root => ("Workspaces:Roots:0", Workspace());

    private static (string Name, object Value)[] Tools(string cli) => cli switch
    {
        "claude" => [("allowedTools", new[] { "Bash" })],
        "codex" => [("sandboxMode", "workspace-write")],
        _ => [("approvalMode", "yolo")],
    };

    private string Workspace() => Directory.CreateDirectory(At("ws")).FullName;

    private Task<WorkerProcess> StartRealAsync(string name, params (string Name, string Value)[] settings) => StartWorkerAsync(
        name,
        [
            .. ShortLeases, Root, ("Worker:Sandbox", "Best"), .. RealClis(stub), .. settings,
        ]);

    private async Task BegunAsync(string job, string prompted)
    {
        await Wait.UntilAsync(() => File.Exists(Path.Combine(At("ws"), "begun")), "the tool has begun");
        await Wait.UntilAsync(() => Store.Transcript(PublicId.Read(job), 1) is var said && said.Contains(prompted, StringComparison.Ordinal) && said.Contains("hold begun", StringComparison.Ordinal), "what was said is stored");
    }

    /// <summary>The second attempt said all that the first did, in the same order, and then once that it goes on.</summary>
    private void OneConversation(Guid id, string prompted)
    {
        var (first, second) = (Lines(id, 1), Lines(id, 2));
        Assert.Equal(first, second.Take(first.Length));
        var prompts = second.Where(line => line.Contains(prompted, StringComparison.Ordinal) && !line.StartsWith("{\"$set\"", StringComparison.Ordinal)).ToList();
        Assert.Single(prompts, line => line.Contains("[[stub:hold begun]]", StringComparison.Ordinal) && !line.Contains("tool_result", StringComparison.Ordinal));
        Assert.Single(prompts, line => line.Contains(GoOn, StringComparison.Ordinal));
    }

    // The last one may not have been whole yet.
    private string[] Lines(Guid id, int attempt) => Store.Transcript(id, attempt).Split('\n')[..^1];
}
