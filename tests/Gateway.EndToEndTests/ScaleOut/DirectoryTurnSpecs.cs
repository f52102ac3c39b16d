using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Runs that change files in one directory, under the names that it has on the workers' disk. The gateway that takes the jobs in does not have that disk.</summary>
public sealed class DirectoryTurnSpecs : ScaleOutHouse
{
    private const string Waits = "The job waits until another one of its session or directory has ended.";

    private string Disk => At("disk");

    [Fact]
    public async Task Two_names_of_one_directory_that_only_workers_see_are_one_turn_on_two_workers_and_the_second_run_is_as_good_as_any()
    {
        var (api, real, link) = await StartDisklessAsync();
        await StartWorkerAsync("w1", Root);
        await StartWorkerAsync("w2", Root);
        var first = await SubmitAsync(api, real, 1);
        await Wait.LinesAsync(Log, 1);
        var second = await SubmitAsync(api, link, 2, ("maxAttempts", 1));
        var third = await SubmitAsync(api, link, 3);

        // A worker took it, and found whose directory that is.
        await WaitsAsync(api, second, attempt: 1);
        await WaitsAsync(api, third, attempt: 0);
        Assert.Equal(1, AgentLog.Starts(Log));

        // A reading run has no turn, and is not kept by any.
        Assert.Equal("read", await api.Client.AnswerAsync((await api.Client.EndAsync((await api.Client.SubmitAsync("[[fake: answer read]]", ("workingDir", link), ("permissionMode", "plan"))).Id)).Id));

        foreach (var (job, number, attempt) in ((string, int, int)[])[(first, 1, 1), (second, 2, 2), (third, 3, 1)])
        {
            await Wait.LinesAsync(Log, (2 * number) - 1);
            if (attempt > 1)
            {
                // Of the attempt that was given back there is nothing, and nothing more will come.
                var given = (await api.Client.CallAsync("llm_job_result", new { jobId = job, attempt = 1, rawOutput = true })).Good.GetProperty("result");
                Assert.Equal(("", ""), (given.GetProperty("stdout").GetString(), given.GetProperty("stderr").GetString()));
            }

            await File.WriteAllTextAsync(Gate(number), "", Token);
            var end = await api.Client.EndAsync(job);
            Assert.True((end.Status, end.Attempt) == ("completed", attempt), end.ToString());
            Assert.Equal($"done {number}", await api.Client.AnswerAsync(job));
        }

        NoTwoAtOnce();
        Assert.Equal([1, 1, 1], ((string[])[first, second, third]).Select(job => Store.Job(PublicId.Read(job)).CountedAttempts));
        await new Checker(Store, [.. ((string[])[first, second, third]).Select(PublicId.Read)]).CheckAsync(AgentLog.Read(Log));
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task The_turn_of_a_run_whose_worker_dies_stays_its_jobs_and_the_other_name_waits_for_its_next_attempt()
    {
        var (api, real, link) = await StartDisklessAsync(ShortLeases);
        var dead = await StartWorkerAsync("w1", [Root, .. ShortLeases]);
        var first = await api.Client.SubmitAsync($"[[fake: @1 log {Log}; @1 hang]]", Writing(real));
        await Wait.LinesAsync(Log, 1);
        var second = await SubmitAsync(api, link, 2);
        await WaitsAsync(api, second, attempt: 1);

        // Nothing of the first one's conversation is stored, and it may have changed files: it ends, and with it its turn.
        await dead.KillWithRunnerAsync();
        await StartWorkerAsync("w2", [Root, .. ShortLeases]);
        Assert.Equal("worker_lost", (await api.Client.EndAsync(first.Id)).FailureKind);
        await File.WriteAllTextAsync(Gate(2), "", Token);
        Assert.Equal("completed", (await api.Client.EndAsync(second)).Status);
        Assert.Equal(2, AgentLog.Starts(Log));
        await NothingIsSetAsideAsync();
    }

    private (string Name, string Value) Root => ("Workspaces:Roots:0", Disk);

    private string Gate(int number) => At($"gate{number}");

    // The disk is covered for the gateway alone; a mount of its own takes the system's administrator.
    private async Task<(GatewayProcess Api, string Real, string Link)> StartDisklessAsync(params (string Name, string Value)[] settings)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/unshare"), "a mount namespace needs root and util-linux.");
        var real = Directory.CreateDirectory(Path.Combine(Disk, "real")).FullName;
        var link = Directory.CreateSymbolicLink(Path.Combine(Disk, "link"), real).FullName;
        var script = At("diskless");
        await File.WriteAllTextAsync(script, $$"""
            #!/bin/sh
            exec unshare --mount /bin/sh -c 'mount -t tmpfs none {{Disk}} && exec {{BuiltPrograms.Gateway}} "$@"' sh "$@"

            """.ReplaceLineEndings("\n"), Token);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var api = await StartApiOfAsync(script, [Root, .. settings]);
        Assert.Empty(Directory.GetFileSystemEntries($"/proc/{api.Id}/root{Disk}"));
        return (api, real, link);
    }

    private async Task<string> SubmitAsync(GatewayProcess api, string directory, int number, params (string Name, object Value)[] more) =>
        (await api.Client.SubmitAsync($"[[fake: log {Log}; wait {Gate(number)}; answer done {number}]]", [.. Writing(directory), .. more])).Id;

    private static (string Name, object Value)[] Writing(string directory) => [("workingDir", directory), ("permissionMode", "acceptEdits")];

    private static Task WaitsAsync(GatewayProcess api, string job, int attempt) => Wait.UntilAsync(
        async () => await api.Client.StatusAsync(job) is { Status: "queued" } view && view.Attempt == attempt
            && view.Json.GetProperty("progress") is var progress && progress.GetProperty("phase").GetString() == "waiting"
            && progress.GetProperty("events").EnumerateArray().Last().GetProperty("message").GetString() == Waits,
        "it waits");

    private void NoTwoAtOnce()
    {
        var runs = AgentLog.Read(Log).OrderBy(run => run.StartTicks).ToList();
        Assert.Equal(3, runs.Count);
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.StopTicks <= pair.Second.StartTicks, "one began before the other had ended"));
    }
}
