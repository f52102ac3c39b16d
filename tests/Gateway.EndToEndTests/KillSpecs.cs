using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Gateways and runners are killed, frozen and replaced while runs are under way; an offline checker decides.</summary>
public sealed class KillSpecs : GatewayHouse
{
    private const int JobsPerRound = 200;
    private const int Kills = 3;
    private const int Clients = 6;
    private const decimal CostOfARunUsd = 0.01m;
    private const int AnswerStream = 2;

    // Two, since the whole suite has to fit into its time; GATEWAY_KILL_ROUNDS asks for more.
    private static readonly int Rounds = Environment.GetEnvironmentVariable("GATEWAY_KILL_ROUNDS") is { Length: > 0 } asked ? int.Parse(asked, System.Globalization.CultureInfo.InvariantCulture) : 2;

    // A run that logged its end so short before the kill was still leaving: its runner may not have seen it go.
    private static readonly TimeSpan Leaving = TimeSpan.FromMilliseconds(200);

    private static readonly (long, string) ResumedAnswer = (7, Convert.ToHexStringLower(SHA256.HashData("resumed"u8)));

    private string Log => At("log");

    private string Effects => At("effects");

    [Fact]
    [Trait("tier", "slow")]
    [Behaviour(30)]
    public async Task A_gateway_killed_three_times_loses_no_job_and_repeats_no_run()
    {
        var gateway = await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var (ids, _) = await RoundAsync(gateway, round, gateway.KillAsync);

            var runs = AgentLog.Read(Log);
            Assert.Equal(ids.Order(), runs.Select(r => r.JobId).Order());
            Assert.All(runs, r => Assert.Equal((1, 0), (r.Attempt, r.ExitCode)));
            Assert.Equal(ids.Select(id => $"{id:D}/1").Order(StringComparer.Ordinal), Wait.LinesOf(Effects).Order(StringComparer.Ordinal));
            Assert.All(gateway.Store.Jobs(), j => Assert.Equal(("Completed", 1), (j.State, j.Attempt)));
            File.Delete(Log);
            File.Delete(Effects);
        }
    }

    [Fact]
    [Trait("tier", "slow")]
    public async Task A_gateway_killed_with_its_runner_repeats_only_what_was_cut()
    {
        var gateway = await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var (ids, kills) = await RoundAsync(gateway, round, gateway.KillWithRunnerAsync);

            var jobs = gateway.Store.Jobs().Where(j => ids.Contains(j.Id)).ToList();
            var lost = gateway.Store.Attempts().Where(a => ids.Contains(a.JobId) && a.FailureKind == "worker_lost").ToList();
            Assert.All(jobs, j => Assert.Equal("Completed", j.State));
            Assert.All(jobs, j => Assert.Equal(j.Attempt - 1, lost.Count(a => a.JobId == j.Id)));
            Assert.All(Wait.LinesOf(Effects).GroupBy(e => e.Split('/')[0]), e => Assert.Single(e));
            OnlyWhatWasCutIsRepeatedAndResumed(gateway.Store, kills);
            File.Delete(Log);
            File.Delete(Effects);
        }
    }

    [Fact]
    [Behaviour(30)]
    public async Task With_one_attempt_a_lost_run_is_failed_as_worker_lost()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; hang]]", ("maxAttempts", 1));
        await Wait.LinesAsync(Log, 1);

        await gateway.KillWithRunnerAsync();
        await gateway.StartAsync();

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("failed", "worker_lost", 1), (end.Status, end.FailureKind, end.Attempt));
        await new Checker(gateway.Store, [PublicId.Read(job.Id)]).CheckAsync(AgentLog.Read(Log));
    }

    [Fact]
    [Behaviour(30)]
    public async Task A_cut_run_goes_on_in_its_own_conversation_as_attempt_two()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; hang; @resume answer resumed]]");
        await Wait.LinesAsync(Log, 1);

        await gateway.KillWithRunnerAsync();
        await gateway.StartAsync();

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 2), (end.Status, end.Attempt));
        Assert.Equal("resumed", await gateway.Client.AnswerAsync(job.Id));
    }

    [Fact]
    public async Task A_gateway_that_stays_away_has_its_runs_ended_by_the_runner_before_their_lease_ends()
    {
        var gateway = await StartAsync(ShortLeases);
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; ignore-term; grandchild; hang; @resume answer resumed]]");
        await Wait.LinesAsync(Log, 1);
        var id = PublicId.Read(job.Id);

        await gateway.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        var until = DateTimeOffset.FromUnixTimeMilliseconds(Assert.Single(gateway.Store.Leases()).UntilMs);
        Assert.NotEmpty(ProcessTable.Of(id));
        await Wait.UntilAsync(() => ProcessTable.Of(id).Count == 0, "the runner ended the tree", TimeSpan.FromSeconds(30));

        var now = TimeProvider.System.GetUtcNow();
        Tell($"tree gone {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill, {(until - now).TotalSeconds:0.0} s before the lease ends");
        Assert.True(now < until, $"the tree outlived its lease by {now - until}");
        await gateway.StartAsync();
        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 2, "resumed"), (end.Status, end.Attempt, await gateway.Client.AnswerAsync(job.Id)));
        await new Checker(gateway.Store, [id]).CheckAsync(AgentLog.Read(Log));
    }

    [Fact]
    public async Task A_gateway_frozen_beyond_its_lease_is_fenced_when_it_thaws()
    {
        var gateway = await StartAsync(ShortLeases);
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; print before; hang; @resume log {Log}; @resume answer resumed]]");
        await Wait.LinesAsync(Log, 1);
        var id = PublicId.Read(job.Id);
        var checker = new Checker(gateway.Store, [id]);
        checker.Sample();

        await gateway.FreezeAsync();
        await Wait.UntilAsync(() => ProcessTable.Of(id).Count == 0, "the runner ended the tree", TimeSpan.FromSeconds(30));
        var dead = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(() => gateway.Store.Leases().All(l => l.UntilMs < TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()), "the lease has ended");
        await gateway.ThawAsync();

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 2, "resumed"), (end.Status, end.Attempt, await gateway.Client.AnswerAsync(job.Id)));
        var runs = AgentLog.Read(Log);
        Assert.Equal([1, 2], runs.Select(r => r.Attempt));
        Assert.True(runs[1].StartTicks > dead, "attempt 2 began while attempt 1 was alive");
        await checker.CheckAsync(runs, CostOfARunUsd);
    }

    [Fact]
    public async Task A_gateway_frozen_for_less_than_its_lease_loses_nothing()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; print-bytes 3000000; answer done]]");
        await Wait.LinesAsync(Log, 1);

        await gateway.FreezeAsync();
        await File.WriteAllTextAsync(At("gate"), "", Token);
        await Wait.LinesAsync(Log, 2);
        await gateway.ThawAsync();

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("completed", 1), (end.Status, end.Attempt));
        await new Checker(gateway.Store, [PublicId.Read(job.Id)]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
    }

    [Fact]
    public async Task An_upgrade_in_the_middle_of_ten_runs_disturbs_none()
    {
        const int runs = 10;
        var gateway = await StartAsync();
        var jobs = new List<string>();
        for (var i = 0; i < runs; i++)
        {
            jobs.Add((await gateway.Client.SubmitAsync($"[[fake: log {Log}; effect {Effects}; print one; wait {At("gate")}; print two; answer done {i}]]")).Id);
        }

        await Wait.LinesAsync(Log, runs);
        var runner = gateway.RunnerId;
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Equal(runs, AgentLog.Read(Log).Count(r => r.StopTicks is null));
        await gateway.StartAsync();
        await File.WriteAllTextAsync(At("gate"), "", Token);

        for (var i = 0; i < runs; i++)
        {
            var end = await gateway.Client.EndAsync(jobs[i]);
            Assert.Equal(("completed", 1, $"done {i}"), (end.Status, end.Attempt, await gateway.Client.AnswerAsync(jobs[i])));
        }

        Assert.Equal(runner, gateway.RunnerId);
        Assert.Equal(runs, Wait.LinesOf(Effects).Length);
        await new Checker(gateway.Store, [.. jobs.Select(PublicId.Read)]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
    }

    [Fact]
    public async Task An_upgrade_while_jobs_wait_for_a_slot_forgets_none_of_them()
    {
        const int jobs = 12;
        var gateway = await StartAsync(("Worker:Slots", "2"));
        var ids = new List<string>();
        for (var i = 0; i < jobs; i++)
        {
            ids.Add((await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]")).Id);
        }

        await Wait.LinesAsync(Log, 2);
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain(" is dead", gateway.Log, StringComparison.Ordinal);
        await gateway.StartAsync();
        await File.WriteAllTextAsync(At("gate"), "", Token);
        var started = TimeProvider.System.GetTimestamp();

        foreach (var id in ids)
        {
            var end = await gateway.Client.EndAsync(id);
            Assert.Equal(("completed", 1), (end.Status, end.Attempt));
        }

        Tell($"{jobs} jobs final {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s after the restart");
        await new Checker(gateway.Store, [.. ids.Select(PublicId.Read)]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
    }

    [Fact]
    [Behaviour(30)]
    public async Task A_result_is_the_same_after_a_restart()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.RunAsync("[[fake: stderr oops; answer kept; cost 0.5]]");
        var before = (await gateway.Client.ResultAsync(job.Id)).GetRawText();

        await gateway.KillWithRunnerAsync();
        await gateway.StartAsync();

        Assert.Equal(before, (await gateway.Client.ResultAsync(job.Id)).GetRawText());
    }

    [Fact]
    public async Task An_agent_that_kills_its_parent_each_time_ends_the_job_after_its_attempts()
    {
        var gateway = await StartAsync([.. ShortLeases, ("Worker:Sandbox", "None")]);

        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; kill-parent; hang; @resume log {Log}; @resume kill-parent; @resume hang]]", ("maxAttempts", 2));

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("failed", "worker_lost", 2), (end.Status, end.FailureKind, end.Attempt));
        await Wait.UntilAsync(() => ProcessTable.Of(PublicId.Read(job.Id)).Count == 0, "nothing of it lives", TimeSpan.FromSeconds(10));
        Assert.Equal("completed", (await gateway.Client.RunAsync("hello")).Status);
    }

    /// <summary>Cut is what had begun and not ended at a kill, by the agents' own log: a run is begun again only after such a one, in its conversation.</summary>
    private void OnlyWhatWasCutIsRepeatedAndResumed(JobStore store, IReadOnlyList<(long Before, long After)> kills)
    {
        var runs = AgentLog.Read(Log);
        var alive = runs.Count(r => r.StopTicks is null);
        var leaving = (long)(Leaving.TotalSeconds * TimeProvider.System.TimestampFrequency);
        var cut = runs.Where(r => r.StopTicks is null || kills.Any(k => r.StopTicks >= k.Before - leaving && r.StopTicks <= k.After)).ToList();
        var repeated = runs.Select(r => (Run: r, Before: runs.Where(b => b.JobId == r.JobId && b.Attempt < r.Attempt).MaxBy(b => b.Attempt))).Where(r => r.Before is not null).ToList();
        var effects = Wait.LinesOf(Effects);
        Tell($"  {repeated.Count} runs repeated; {alive} were alive at the kills, {cut.Count - alive} just leaving");

        Assert.True(repeated.Count <= cut.Count, $"{repeated.Count} runs were repeated, but {cut.Count} were cut");
        Assert.All(repeated, r => Assert.Contains(r.Before, cut));
        Assert.All(repeated, r => Assert.DoesNotContain($"{r.Run.JobId:D}/{r.Run.Attempt}", effects));
        Assert.All(
            repeated.Where(r => r.Run.Attempt == store.Job(r.Run.JobId).Attempt),
            r => Assert.Equal(ResumedAnswer, store.Stream(r.Run.JobId, r.Run.Attempt, AnswerStream)));
    }

    private async Task<(IReadOnlyList<Guid> Ids, IReadOnlyList<(long Before, long After)> Kills)> RoundAsync(GatewayProcess gateway, int round, Func<Task> kill)
    {
        var seed = Environment.GetEnvironmentVariable("GATEWAY_KILL_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) + round : Random.Shared.Next();
        var random = new Random(seed);
        var started = TimeProvider.System.GetTimestamp();
        var accepted = new ConcurrentDictionary<string, Guid>();
        var known = gateway.Store.Jobs().Select(j => j.Id).ToHashSet();
        int[] moments = [random.Next(10, JobsPerRound), random.Next(20, JobsPerRound / 2), random.Next(JobsPerRound / 2, JobsPerRound - 5)];
        Tell($"round {round}: seed {seed}; kills after {moments[0]} accepted, {moments[1]} and {moments[2]} started");
        var checker = new Checker(gateway.Store, []);
        var times = Enumerable.Range(0, JobsPerRound).Select(_ => random.Next(0, 800)).ToArray();

        var submitting = SubmitAllAsync(gateway.Client, times, accepted);
        List<(long Before, long After)> kills = [];
        for (var i = 0; i < Kills; i++)
        {
            var moment = moments[i];
            await Wait.UntilAsync(() => i == 0 ? accepted.Count >= moment : AgentLog.Starts(Log) >= moment, $"moment {i}");
            var before = TimeProvider.System.GetTimestamp();
            await kill();
            kills.Add((before, TimeProvider.System.GetTimestamp()));
            checker.Sample();
            await gateway.StartAsync();
        }

        await submitting;
        var ids = accepted.Values.ToList();
        Assert.Equal(JobsPerRound, ids.Distinct().Count());
        await Wait.UntilAsync(
            () =>
            {
                checker.Sample();
                return gateway.Store.Jobs().All(j => j.IsFinal);
            },
            "every job is final");
        Assert.Empty(gateway.Store.Jobs().Select(j => j.Id).Except(known).Except(ids));
        await new Checker(gateway.Store, ids).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
        Tell($"  {JobsPerRound} jobs final in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
        return (ids, kills);
    }

    /// <summary>Several clients; one whose call breaks off does not know whether it was accepted, and asks again with its key.</summary>
    private Task SubmitAllAsync(McpCaller client, int[] times, ConcurrentDictionary<string, Guid> accepted) => Parallel.ForEachAsync(
        Enumerable.Range(0, times.Length),
        new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = Token },
        async (number, _) =>
        {
            var key = $"{Guid.NewGuid():N}";
            var prompt = $"[[fake: log {Log}; effect {Effects}; sleep {times[number]}; @resume log {Log}; @resume answer resumed]]";
            await Wait.UntilAsync(
                async () =>
                {
                    try
                    {
                        var reply = await client.CallAsync("claude_request_async", new { prompt, idempotencyKey = key, maxAttempts = 10 });
                        if (reply.IsError && reply.Error.GetProperty("retryable").GetBoolean())
                        {
                            return false;
                        }

                        accepted[key] = PublicId.Read(reply.Good.GetProperty("jobId").GetString()!);
                        return true;
                    }
                    catch (Exception e) when (e is HttpRequestException or IOException)
                    {
                        return false;
                    }
                },
                "accepted");
        });
}
