using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Faults;

/// <summary>Processes die, freeze and are replaced.</summary>
internal static class ProcessFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("kill an API", c => AwayAsync(c, c.AnyApi(), ProcessTable.Kill, c.Between(0, 3))),
        new("kill a worker, back at once", c => AwayAsync(c, c.AnyWorker(), ProcessTable.Kill, c.Between(0, 1.5))),
        new("kill a worker, away beyond its lease", c => AwayAsync(c, c.AnyWorker(), ProcessTable.Kill, NemesisHouse.Lease + c.Between(1, 5))),
        new("kill a runner", KillRunnerAsync),
        new("kill a worker with its runner", KillBothAsync),
        new("freeze a worker beyond its lease", c => FreezeAsync(c, c.AnyWorker(), NemesisHouse.Lease + c.Between(1, 5))),
        new("freeze a worker shortly", c => FreezeAsync(c, c.AnyWorker(), NemesisHouse.Lease * c.Between(0.1, 0.45).TotalSeconds)),
        new("freeze an API", c => FreezeAsync(c, c.AnyApi(), c.Between(1, 15))),
        new("stop a worker, its successor takes over", c => AwayAsync(c, c.AnyWorker(), ProcessTable.Terminate, c.Between(0, 1))),
        new("stop an API", c => AwayAsync(c, c.AnyApi(), ProcessTable.Terminate, c.Between(0, 2))),
    ];

    private static async Task<string> AwayAsync(FaultContext context, HostProgram program, int signal, TimeSpan away)
    {
        using var span = context.House.Timeline.Begin(program.Name);
        var runs = program.RunnerId == 0 ? 0 : ProcessTable.Runs(program.Data).Select(r => r.Run).Distinct().Count();
        await program.AwayAsync(signal, CancellationToken.None);
        await context.HoldAsync(away);
        program.Back();
        await program.ReadyAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        return FormattableString.Invariant($"{program.Name} away for {away.TotalSeconds:0.0} s, with {runs} runs");
    }

    private static Task<string> KillRunnerAsync(FaultContext context)
    {
        var worker = context.AnyWorker();
        using var span = context.House.Timeline.Begin(worker.Name);
        var runs = ProcessTable.Runs(worker.Data).Select(r => r.Run).Distinct().Count();
        ProcessTable.Signal(worker.RunnerId, ProcessTable.Kill);
        return Task.FromResult(FormattableString.Invariant($"{worker.Name}'s runner, with {runs} runs"));
    }

    private static Task<string> KillBothAsync(FaultContext context)
    {
        var worker = context.AnyWorker();
        ProcessTable.Signal(worker.RunnerId, ProcessTable.Kill);
        return AwayAsync(context, worker, ProcessTable.Kill, context.Random.Next(2) == 0 ? context.Between(0, 2) : NemesisHouse.Lease + context.Between(1, 4));
    }

    private static async Task<string> FreezeAsync(FaultContext context, HostProgram program, TimeSpan time)
    {
        using var span = context.House.Timeline.Begin(program.Name);
        program.Freeze();
        await context.HoldAsync(time);
        program.Thaw();
        return FormattableString.Invariant($"{program.Name} for {time.TotalSeconds:0.0} s");
    }
}
