using System.Text;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Processes.Spool;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

public sealed class RunControlSpecs
{
    private readonly FakeControlPlane _plane = new() { Grant = _ => Grant() };

    [Fact]
    public async Task A_running_run_is_canceled_through_the_workers_own_queue()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run => run.Print("so far\n"u8);
        var key = await StartedAsync(host);
        await host.CancelAsync(key);
        Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
        Assert.Equal("so far\n", Encoding.UTF8.GetString(_plane.Stored(key, OutputStream.Stdout)));
        Assert.Equal(TimeSpan.FromSeconds(5), host.Runner.Stops.Single().Grace);
    }

    [Fact]
    public async Task A_running_run_is_canceled_through_the_answer_to_a_heartbeat()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await StartedAsync(host);
        _plane.Cancels[key] = true;
        Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
    }

    [Fact]
    public async Task A_run_that_had_ended_before_the_cancel_keeps_its_outcome()
    {
        _plane.RefusesOutcomes = true;
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            run.Answer("done");
            run.End();
        };
        var key = await StartedAsync(host);
        await host.CancelAsync(key);
        await WorkerHost.UntilAsync(() => !host.Runner.Stops.IsEmpty, "asked");
        _plane.RefusesOutcomes = false;
        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
    }

    [Fact]
    public async Task A_cancel_during_the_claim_starts_nothing()
    {
        using var held = new ManualResetEventSlim();
        using var claimed = new ManualResetEventSlim();
        _plane.Grant = _ =>
        {
            claimed.Set();
            held.Wait(TimeSpan.FromSeconds(10));
            return Grant();
        };
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:AnswerTimeout", "00:00:20"));
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => claimed.IsSet, "claimed");
        await host.CancelAsync(key);
        await WorkerHost.UntilAsync(() => host.Table.Find(key)?.CancelAsked == true, "heard");
        held.Set();
        var canceled = Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
        Assert.Null(canceled.Result.StartedAt);
        Assert.Empty(host.Runner.Runs);
    }

    [Fact]
    public async Task A_cancel_while_the_process_is_being_started_stops_it()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run => host.Table.Find(new RunKey(run.Start.Id.JobId, run.Start.Id.Attempt))!.AskCancel();
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Stops.Any(stop => stop.Id == WorkerHost.Id(key)), "stopped");
        Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
    }

    [Fact]
    public async Task A_cancel_of_an_unknown_run_does_nothing()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        await host.CancelAsync(new RunKey(Guid.NewGuid(), 1));
        var key = await StartedAsync(host);
        host.Runner.Run(WorkerHost.Id(key)).End();
        await _plane.OutcomeAsync(key);
        Assert.Empty(host.Runner.Stops);
    }

    [Fact]
    public async Task A_fenced_run_is_ended_at_once_and_writes_no_more()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await StartedAsync(host);
        _plane.Fenced[key] = true;
        await WorkerHost.UntilAsync(() => host.Runner.Releases.Contains(WorkerHost.Id(key)), "released");
        Assert.Equal(TimeSpan.Zero, host.Runner.Stops.Single().Grace);
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
        Assert.Empty(_plane.Outcomes);
    }

    [Fact]
    public async Task Only_renewed_leases_move_the_deadline()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await StartedAsync(host);
        await WorkerHost.UntilAsync(() => host.Runner.Renewals.Any(one => one.Id == WorkerHost.Id(key)), "renewed");
        Assert.All(host.Runner.Renewals, one => Assert.InRange(one.FromNow, TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(165)));
        await WorkerHost.UntilAsync(() => _plane.Heartbeats.Any(beat => beat.Settled), "settled");
        Assert.False(_plane.Heartbeats.First().Settled);
        Assert.Contains(_plane.Heartbeats, beat => beat.Runs.Contains(key));
    }

    [Fact]
    public async Task A_new_process_adopts_a_run_where_the_last_one_stood()
    {
        var host = await WorkerHost.StartAsync(_plane);
        try
        {
            host.Runner.OnStart = run => run.Print("{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"m\"}\n"u8);
            var key = await StartedAsync(host);
            await WorkerHost.UntilAsync(() => _plane.Stored(key, OutputStream.Stdout).Length > 0, "first piece");
            await host.StopAsync();
            Assert.Empty(host.Runner.Stops);
            host.Runner.Run(WorkerHost.Id(key)).Answer("after");
            await using var next = await host.SucceedAsync();
            host.Runner.Run(WorkerHost.Id(key)).End();
            var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
            Assert.Equal((2L, "m", "after"), (completed.Epoch, completed.Result.Model, Encoding.UTF8.GetString(_plane.Stored(key, OutputStream.Answer))));
            Assert.Equal(3, _plane.Events.Count);
            Assert.Single(_plane.Claims);
            await WorkerHost.UntilAsync(() => next.Runner.Releases.Contains(WorkerHost.Id(key)), "released");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_canceled_run_is_still_canceled_after_a_restart_in_between()
    {
        var host = await WorkerHost.StartAsync(_plane);
        try
        {
            _plane.RefusesOutcomes = true;
            var key = await StartedAsync(host);
            await host.CancelAsync(key);
            await WorkerHost.UntilAsync(() => !host.Runner.Stops.IsEmpty, "stopped");
            await host.StopAsync();
            _plane.RefusesOutcomes = false;
            await using var next = await host.SucceedAsync();
            Assert.IsType<RunCanceled>(await _plane.OutcomeAsync(key));
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_broken_connection_is_made_again_and_its_runs_go_on()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await StartedAsync(host);
        host.Reattach();
        host.Runner.Run(WorkerHost.Id(key)).Answer("after");
        host.Runner.Run(WorkerHost.Id(key)).End();
        var completed = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(key));
        Assert.Equal(2, completed.Epoch);
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "slot free");
    }

    [Fact]
    public async Task A_run_that_went_with_its_runner_is_reported_lost()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        var key = await StartedAsync(host);
        host.Reattach(() => host.Runner.Lose(WorkerHost.Id(key)));
        var lost = Assert.IsType<AttemptLost>(await _plane.OutcomeAsync(key));
        Assert.Equal(("runner", 2L), (lost.Cause, lost.Epoch));
    }

    [Fact]
    public async Task What_a_lost_run_had_written_is_sent_before_the_loss_is_reported()
    {
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            run.Print("half a"u8);
            run.End(RunEndReason.Lost, null);
        };
        var key = await host.SubmitAsync();
        Assert.IsType<AttemptLost>(await _plane.OutcomeAsync(key));
        Assert.Equal("half a", Encoding.UTF8.GetString(_plane.Stored(key, OutputStream.Stdout)));
    }

    [Fact]
    public async Task A_full_worker_takes_no_more_and_goes_on_when_a_slot_is_free()
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:Slots", "2"));
        var keys = new List<RunKey>();
        for (var i = 0; i < 12; i++)
        {
            keys.Add(await host.SubmitAsync());
        }

        var done = 0;
        var most = 0;
        while (done < keys.Count)
        {
            await WorkerHost.UntilAsync(() => Alive().Count == Math.Min(2, keys.Count - done), "two at a time");
            var alive = Alive();
            most = Math.Max(most, alive.Count);
            foreach (var run in alive)
            {
                host.Runner.Run(run.Id).End();
                await _plane.OutcomeAsync(new RunKey(run.Id.JobId, run.Id.Attempt));
                done++;
            }
        }

        Assert.Equal(2, most);
        Assert.Equal(keys.Count, _plane.Claims.Select(claim => claim.JobId).Distinct().Count());
        await WorkerHost.UntilAsync(() => host.Table.Slots.Taken == 0, "free again");
        await WorkerHost.UntilAsync(() => !host.Pauser.IsPaused, "started again");

        List<SpooledRun> Alive() => [.. host.Runner.Runs.Where(run => run.End is null)];
    }

    [Fact]
    public async Task The_endpoint_is_paused_while_all_slots_are_taken()
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:Slots", "1"));
        var key = await StartedAsync(host);
        await WorkerHost.UntilAsync(() => host.Pauser.IsPaused, "paused");
        var next = await host.SubmitAsync();
        host.Runner.Run(WorkerHost.Id(key)).End();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Any(run => run.Id == WorkerHost.Id(next)), "went on");
    }

    [Fact]
    public async Task A_drained_worker_gives_its_runs_back_and_says_that_it_has_no_slots_and_takes_nothing()
    {
        await using var host = await WorkerHost.StartAsync(_plane, ("Worker:SoftStop", "00:00:00"), ("Worker:Slots", "3"));
        var key = await StartedAsync(host);
        await WorkerHost.UntilAsync(() => !_plane.Heartbeats.IsEmpty, "the first beat");
        Assert.All(_plane.Heartbeats, beat => Assert.Equal(3, beat.Slots));

        var drained = host.Drain.DrainAsync(CancellationToken.None);
        Assert.IsType<RunInterrupted>(await _plane.OutcomeAsync(key));
        Assert.Equal(1, await drained.WaitAsync(TimeSpan.FromSeconds(20)));
        await WorkerHost.UntilAsync(() => _plane.Heartbeats.Last() is { Slots: 0, Runs.Count: 0 }, "the drain is said");

        Assert.True(host.Pauser.IsPaused);
        Assert.Equal((true, 0), (host.Drain.HasBegun, host.Drain.Running));
        Assert.Equal(1, await host.Drain.DrainAsync(CancellationToken.None));
    }

    private static async Task<RunKey> StartedAsync(WorkerHost host)
    {
        var key = await host.SubmitAsync();
        await WorkerHost.UntilAsync(() => host.Runner.Runs.Any(run => run.Id == WorkerHost.Id(key)), "started");
        return key;
    }

    private static RunGrant Grant() => new()
    {
        Prompt = "do it",
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };
}
