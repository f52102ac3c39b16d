using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Two gateways, two workers, one broker, one database: who does what, and who takes over from whom.</summary>
public sealed class TakeOverSpecs : ScaleOutHouse
{
    private const decimal CostOfARunUsd = 0.01m;

    [Fact]
    [Behaviour(30)]
    public async Task A_job_taken_in_by_one_gateway_is_run_by_a_worker_while_that_one_is_gone_and_both_give_its_answer()
    {
        var (one, other) = (await StartApiAsync(), await StartApiAsync());
        await StartWorkerAsync("w1");

        var job = await one.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; answer from far away]]");
        await Wait.LinesAsync(Log, 1);
        await one.KillAsync();
        await File.WriteAllTextAsync(At("gate"), "", Token);
        var end = await other.Client.EndAsync(job.Id);

        Assert.Equal(("completed", 1, "w1"), (end.Status, end.Attempt, end.Json.GetProperty("worker").GetString()));
        var result = (await other.Client.ResultAsync(job.Id)).GetRawText();
        Assert.Equal("from far away", await other.Client.AnswerAsync(job.Id));
        await one.StartAsync();
        Assert.Equal(result, (await one.Client.ResultAsync(job.Id)).GetRawText());
        Assert.Equal(1, AgentLog.Starts(Log));
        await new Checker(Store, [PublicId.Read(job.Id)]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_cancel_at_any_gateway_ends_a_run_on_any_worker_within_ten_seconds_even_one_that_ignores_the_signal()
    {
        var (one, other) = (await StartApiAsync(), await StartApiAsync());
        await StartWorkerAsync("w1", ("Worker:CancelGrace", "00:00:02"));
        var job = await one.Client.SubmitAsync($"[[fake: log {Log}; ignore-term; grandchild; hang]]");
        await Wait.LinesAsync(Log, 1);
        var id = PublicId.Read(job.Id);

        var asked = TimeProvider.System.GetTimestamp();
        var canceled = await other.Client.CancelAsync(job.Id);
        Assert.Contains(canceled.Status, (string[])["canceling", "canceled"]);
        var end = await other.Client.EndAsync(job.Id, TimeSpan.FromSeconds(10));
        await Wait.UntilAsync(() => ProcessTable.Of(id).Count == 0, "the tree is gone", TimeSpan.FromSeconds(10));

        Tell($"final and gone {TimeProvider.System.GetElapsedTime(asked).TotalSeconds:0.0} s after the cancel");
        Assert.Equal("canceled", end.Status);
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    [Behaviour(30)]
    public async Task A_worker_killed_during_a_run_and_started_again_adopts_it()
    {
        var api = await StartApiAsync();
        var worker = await StartWorkerAsync("w1");
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; print before; wait {At("gate")}; print-bytes 300000; answer done]]");
        await Wait.LinesAsync(Log, 1);

        await worker.KillAsync();
        File.WriteAllText(At("gate"), "");
        await worker.StartAsync();

        var end = await api.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 1), (end.Status, end.Attempt));
        await new Checker(Store, [PublicId.Read(job.Id)]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    [Behaviour(30)]
    public async Task A_worker_that_does_not_come_back_has_its_run_ended_by_its_runner_and_begun_again_by_another_worker()
    {
        var api = await StartApiAsync(ShortLeases);
        var dead = await StartWorkerAsync("w1", ShortLeases);
        var job = await api.Client.SubmitAsync($"[[fake: @1 log {Log}; @2 log {Log}; @1 hang; @2 answer second]]");
        await Wait.LinesAsync(Log, 1);
        var id = PublicId.Read(job.Id);
        var checker = new Checker(Store, [id]);
        checker.Sample();
        await StartWorkerAsync("w2", ShortLeases);

        await dead.KillAsync();
        await Wait.UntilAsync(() => ProcessTable.Of(id).Count == 0, "the runner ended the tree", TimeSpan.FromSeconds(30));
        var gone = TimeProvider.System.GetTimestamp();

        var end = await api.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 2, "w2"), (end.Status, end.Attempt, end.Json.GetProperty("worker").GetString()));
        var runs = AgentLog.Read(Log);
        Assert.Equal([1, 2], runs.Select(r => r.Attempt));
        Assert.True(runs[1].StartTicks > gone, "attempt 2 began while attempt 1 was alive");
        await checker.CheckAsync(runs);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_worker_that_is_stopped_hands_its_runs_over_to_its_successor()
    {
        var api = await StartApiAsync();
        var worker = await StartWorkerAsync("w1");
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; answer done]]");
        await Wait.LinesAsync(Log, 1);

        Assert.Equal(0, await worker.StopAsync());
        Assert.NotEmpty(ProcessTable.Of(PublicId.Read(job.Id)));
        await worker.StartAsync();
        File.WriteAllText(At("gate"), "");

        var end = await api.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 1), (end.Status, end.Attempt));
        Assert.Equal(1, AgentLog.Starts(Log));
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_worker_that_is_evacuated_gives_its_jobs_back_at_once_and_no_attempt_is_counted()
    {
        var api = await StartApiAsync();
        var leaving = await StartWorkerAsync("w1", ("Worker:Drain", "Evacuate"), ("Worker:SoftStop", "00:00:02"));
        var cut = await api.Client.SubmitAsync($"[[fake: log {Log}; print before; @1 hang; @2 answer second]]", ("maxAttempts", 1));
        var ends = await api.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; answer first]]", ("maxAttempts", 1));
        await Wait.LinesAsync(Log, 2);
        var id = PublicId.Read(cut.Id);
        var checker = new Checker(Store, [id, PublicId.Read(ends.Id)]);
        checker.Sample();

        var stopping = leaving.StopAsync();
        File.WriteAllText(At("gate"), "");
        Assert.Equal(0, await stopping);

        Assert.Equal(("Queued", 1, 0), (Store.Job(id).State, Store.Job(id).Attempt, Store.Job(id).CountedAttempts));
        Assert.Empty(Store.Leases());
        Assert.Empty(ProcessTable.Of(id));
        Assert.Equal(("completed", 1), ((await api.Client.EndAsync(ends.Id)).Status, (await api.Client.StatusAsync(ends.Id)).Attempt));
        await StartWorkerAsync("w2");
        var end = await api.Client.EndAsync(cut.Id);
        Assert.Equal(("completed", 2, "w2", 1), (end.Status, end.Attempt, end.Json.GetProperty("worker").GetString(), Store.Job(id).CountedAttempts));
        Assert.All(Store.Attempts(), attempt => Assert.Null(attempt.FailureKind));
        await checker.CheckAsync(AgentLog.Read(Log));
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task Full_workers_leave_waiting_commands_to_whoever_is_free_first()
    {
        var api = await StartApiAsync();
        await StartWorkerAsync("w1", ("Worker:Slots", "1"));
        await StartWorkerAsync("w2", ("Worker:Slots", "1"));
        List<JobRecord> first = [];
        foreach (var gate in (string[])["g1", "g2"])
        {
            first.Add(await api.Client.SubmitAsync($"[[fake: log {Log}; wait {At(gate)}; answer done]]"));
        }

        await Wait.LinesAsync(Log, 2);
        var waiting = new List<JobRecord>();
        for (var i = 0; i < 4; i++)
        {
            waiting.Add(await api.Client.SubmitAsync($"[[fake: log {Log}; answer waited]]"));
        }

        // Nobody holds what he cannot run: all four stand in the queue.
        await Wait.UntilAsync(async () => await FigureAsync(RunQueue, "messages_ready") == 4 && await FigureAsync(RunQueue, "messages_unacknowledged") == 0, "four commands wait in the queue", TimeSpan.FromSeconds(30));
        var (stuck, free) = (await WorkerOfAsync(api, first[0]), await WorkerOfAsync(api, first[1]));
        Assert.NotEqual(stuck, free);

        File.WriteAllText(At("g2"), "");
        foreach (var job in waiting)
        {
            var end = await api.Client.EndAsync(job.Id);
            Assert.Equal(("completed", free), (end.Status, end.Json.GetProperty("worker").GetString()));
        }

        File.WriteAllText(At("g1"), "");
        await api.Client.EndAsync(first[0].Id);
        await new Checker(Store, [.. waiting.Concat(first).Select(j => PublicId.Read(j.Id))]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
        await NothingIsSetAsideAsync();
    }

    private static async Task<string> WorkerOfAsync(GatewayProcess api, JobRecord job) => (await api.Client.StatusAsync(job.Id)).Json.GetProperty("worker").GetString()!;
}
