using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>A job that ended leaves no directory behind, also where its worker had no part in the end.</summary>
public sealed class LeftoverSpecs : GatewayHouse
{
    // A conversation that is kept keeps its directory too.
    private static readonly (string, object) Unkept = ("noSessionPersistence", true);

    private string Log => At("log");

    [Fact]
    public async Task A_job_canceled_between_two_attempts_leaves_no_home()
    {
        var gateway = await StartAsync(("Worker:Sandbox", "None"), ("Worker:Slots", "1"), ("Worker:CleanUpInterval", "00:00:01"));
        var first = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("die")}; kill-parent; hang]]", Unkept);
        await Wait.LinesAsync(Log, 1);
        var second = await gateway.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}]]", Unkept);
        await File.WriteAllTextAsync(At("die"), "", Token);
        await Wait.UntilAsync(() => AgentLog.Read(Log).Any(r => r.JobId == PublicId.Read(second.Id)), "the other job has the slot");
        await Wait.UntilAsync(() => Left(gateway, first) is ["homes", "work"], "its home waits for its next attempt");

        Assert.Equal("canceled", (await gateway.Client.CancelAsync(first.Id)).Status);

        await Wait.UntilAsync(() => Left(gateway, first).Count == 0, "nothing is left of it", TimeSpan.FromSeconds(15));
        Assert.Equal(["homes", "notes", "work"], Left(gateway, second));
        await File.WriteAllTextAsync(At("gate"), "", Token);
        Assert.Equal("completed", (await gateway.Client.EndAsync(second.Id)).Status);
    }

    [Fact]
    public async Task A_job_whose_last_attempt_was_lost_by_its_lease_leaves_no_home()
    {
        var gateway = await StartAsync([.. ShortLeases, ("Worker:CleanUpInterval", "00:00:01")]);
        var job = await gateway.Client.SubmitAsync($"[[fake: log {Log}; hang]]", Unkept, ("maxAttempts", 1));
        await Wait.LinesAsync(Log, 1);

        // With its spool gone too, the runner that comes next knows nothing of the run: only the lease can end it.
        await gateway.KillWithRunnerAsync();
        Directory.Delete(Path.Combine(gateway.Data, "worker", "runner"), recursive: true);
        Assert.Equal(["homes", "notes", "work"], Left(gateway, job));
        await gateway.StartAsync();

        Assert.Equal("worker_lost", (await gateway.Client.EndAsync(job.Id)).FailureKind);
        await Wait.UntilAsync(() => Left(gateway, job).Count == 0, "nothing is left of it", TimeSpan.FromSeconds(15));
    }

    private static List<string> Left(GatewayProcess gateway, JobRecord job) =>
    [
        .. ((string[])["homes", "notes", "work"]).Where(room =>
            Directory.EnumerateFileSystemEntries(Path.Combine(gateway.Data, "worker", room), $"{PublicId.Read(job.Id):n}*").Any()),
    ];
}
