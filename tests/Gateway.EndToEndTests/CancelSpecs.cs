using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>A cancel is final soon, from any state, and nothing of the run survives it.</summary>
public sealed class CancelSpecs(SharedHouse house, UnwalledHouse unwalled) : GatewayHouse, IClassFixture<SharedHouse>, IClassFixture<UnwalledHouse>
{
    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway, unwalled.Gateway];

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private string Log => At("log");

    public static TheoryData<string, string> Trees => new()
    {
        { "Process", "child" },
        { "Process", "grandchild" },
        { "Process", "double-fork" },
        { "Process", "hidden-child" },
        { "None", "child" },
        { "None", "grandchild" },
        { "None", "double-fork" },
    };

    [Theory]
    [MemberData(nameof(Trees))]
    [Behaviour(19)]
    public async Task A_cancel_ends_the_whole_tree(string sandbox, string kind)
    {
        var gateway = sandbox == "None" ? unwalled.Gateway : house.Gateway;
        var length = $"{Random.Shared.Next(100_000, 999_999)}";
        var job = await gateway.Client.SubmitAsync($"[[fake: {kind} {length}; log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);
        await Wait.UntilAsync(() => Sleepers(length) > 0, "the child runs");

        var asked = TimeProvider.System.GetTimestamp();
        Assert.Contains((await gateway.Client.CancelAsync(job.Id)).Status, (string[])["canceling", "canceled"]);
        var end = await gateway.Client.EndAsync(job.Id, Bound);
        var took = TimeProvider.System.GetElapsedTime(asked);

        Tell($"{sandbox}, {kind}: canceled after {took.TotalMilliseconds:0} ms");
        Assert.True(took < Grace + TimeSpan.FromSeconds(2), $"{took}");
        Assert.Equal("canceled", end.Status);
        Assert.Equal(0, Sleepers(length));
        Assert.Empty(ProcessTable.Of(PublicId.Read(job.Id)));
    }

    [Fact]
    [Behaviour(20)]
    public async Task An_agent_that_ignores_the_stop_signal_is_killed_after_the_grace()
    {
        var gateway = await StartAsync(("Worker:CancelGrace", "00:00:01"));
        var job = await gateway.Client.SubmitAsync($"[[fake: ignore-term; log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);

        var asked = TimeProvider.System.GetTimestamp();
        await gateway.Client.CancelAsync(job.Id);
        var end = await gateway.Client.EndAsync(job.Id, Bound);

        Assert.Equal("canceled", end.Status);
        Assert.True(TimeProvider.System.GetElapsedTime(asked) >= TimeSpan.FromSeconds(1));
        Assert.Empty(ProcessTable.Of(PublicId.Read(job.Id)));
    }

    [Fact]
    [Behaviour(23)]
    public async Task What_is_printed_after_the_stop_signal_is_kept()
    {
        var gateway = house.Gateway;
        var job = await gateway.Client.SubmitAsync($"[[fake: on-term last words; print first words; log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);

        await gateway.Client.CancelAsync(job.Id);

        Assert.Equal("canceled", (await gateway.Client.EndAsync(job.Id, Bound)).Status);
        var (stdout, _) = await gateway.Client.RawAsync(job.Id);
        Assert.Contains("first words\n", stdout, StringComparison.Ordinal);
        Assert.EndsWith("last words\n", stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submits_and_cancels_in_a_row_on_a_full_worker_pile_up_nothing_and_delay_nobody()
    {
        const int rounds = 300;
        var gateway = await StartAsync(("Worker:Slots", "1"), ("Jobs:MaxQueued", "2"));
        var first = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]");
        await Wait.LinesAsync(Log, 1);
        for (var i = 0; i < rounds; i++)
        {
            var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}]]");
            Assert.Equal("canceled", (await gateway.Client.CancelAsync(job.Id)).Status);
        }

        var last = await gateway.Client.SubmitAsync($"[[fake: log {Log}; answer mine]]");
        // The last one's, or none: with no slot free it may wait for the dispatcher. What others are told of canceled jobs goes by itself.
        Assert.InRange(gateway.Store.Outbox().Count(row => row.Contains("RunClaudeRequest", StringComparison.Ordinal)), 0, 1);
        await File.WriteAllTextAsync(At("gate"), "", Token);

        Assert.Equal("completed", (await gateway.Client.EndAsync(first.Id)).Status);
        Assert.Equal("completed", (await gateway.Client.EndAsync(last.Id, Bound)).Status);
        Assert.Equal([PublicId.Read(first.Id), PublicId.Read(last.Id)], AgentLog.Read(Log).Select(r => r.JobId));
    }

    [Fact]
    [Behaviour(21)]
    public async Task A_queued_job_is_canceled_at_once_and_never_starts()
    {
        var gateway = await StartAsync(("Worker:Slots", "1"));
        var first = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]");
        await Wait.LinesAsync(Log, 1);
        var second = await gateway.Client.SubmitAsync($"[[fake: log {Log}]]");
        var third = await gateway.Client.SubmitAsync($"[[fake: log {Log}]]");

        var canceled = await gateway.Client.CancelAsync(second.Id);

        Assert.Equal("canceled", canceled.Status);
        Assert.False(canceled.Has("startedAt"));
        await File.WriteAllTextAsync(At("gate"), "", Token);
        Assert.Equal("completed", (await gateway.Client.EndAsync(first.Id)).Status);
        Assert.Equal("completed", (await gateway.Client.EndAsync(third.Id)).Status);
        Assert.Equal([PublicId.Read(first.Id), PublicId.Read(third.Id)], AgentLog.Read(Log).Select(r => r.JobId));
        await new Checker(gateway.Store, [PublicId.Read(second.Id)]).CheckAsync(AgentLog.Read(Log));
    }

    [Fact]
    [Behaviour(22)]
    public async Task A_second_cancel_changes_nothing_and_one_of_a_completed_job_is_a_conflict()
    {
        var gateway = house.Gateway;
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);
        await gateway.Client.CancelAsync(job.Id);
        await gateway.Client.CancelAsync(job.Id);
        var end = await gateway.Client.EndAsync(job.Id, Bound);

        var again = await gateway.Client.CancelAsync(job.Id);

        Assert.Equal("canceled", again.Status);
        Assert.Equal(end.ToString(), (await gateway.Client.StatusAsync(job.Id)).ToString());
        var done = await gateway.Client.RunAsync("hello");
        var refused = await gateway.Client.CallAsync("llm_job_cancel", new { jobId = done.Id });
        Assert.Equal("conflict", refused.ErrorKind);
        Assert.Contains("completed", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_that_was_answered_survives_the_gateway()
    {
        var gateway = await StartAsync(("Worker:HeartbeatInterval", "00:00:01"), ("Worker:CancelGrace", "00:00:03"));
        var job = await gateway.Client.SubmitAsync($"[[fake: ignore-term; log {Log}; hang]]");
        await Wait.LinesAsync(Log, 1);

        await gateway.Client.CancelAsync(job.Id);
        await gateway.KillAsync();
        await gateway.StartAsync();

        Assert.Equal("canceled", (await gateway.Client.EndAsync(job.Id, Bound)).Status);
        await new Checker(gateway.Store, [PublicId.Read(job.Id)]).CheckAsync(AgentLog.Read(Log));
    }

    [Fact]
    public async Task Cancels_at_random_moments_leave_one_final_state_each()
    {
        const int jobs = 60;
        var seed = Random.Shared.Next();
        Tell($"seed {seed}");
        var random = new Random(seed);
        var gateway = await StartAsync(("Worker:Slots", "6"));
        var plans = Enumerable.Range(0, jobs).Select(_ => (Sleep: random.Next(0, 150), Wait: random.Next(0, 400), Times: random.Next(1, 3))).ToList();
        var checker = new Checker(gateway.Store, []);

        var ids = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        await Parallel.ForEachAsync(plans, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (plan, token) =>
        {
            var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; sleep {plan.Sleep}]]");
            ids.Add(PublicId.Read(job.Id));
            await Task.Delay(TimeSpan.FromMilliseconds(plan.Wait), TimeProvider.System, token);
            for (var i = 0; i < plan.Times; i++)
            {
                var reply = await gateway.Client.CallAsync("llm_job_cancel", new { jobId = job.Id });
                Assert.True(!reply.IsError || reply.ErrorKind == "conflict", reply.Text);
            }

            var end = await gateway.Client.EndAsync(job.Id, Bound);
            Assert.Contains(end.Status, (string[])["canceled", "completed"]);
        });

        checker.Sample();
        await new Checker(gateway.Store, [.. ids]).CheckAsync(AgentLog.Read(Log));
        checker.Sample();
        var states = gateway.Store.Jobs().CountBy(j => j.State).ToDictionary();
        Tell($"{string.Join(", ", states.Select(s => $"{s.Key} {s.Value}"))}");
        Assert.Equal(jobs, states.Values.Sum());
    }

    private static int Sleepers(string length) => Directory.EnumerateDirectories("/proc").Count(p =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(p), out var pid) && File.ReadAllText($"/proc/{pid}/cmdline") == $"sleep\0{length}\0" && ProcessTable.IsAlive(pid);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
