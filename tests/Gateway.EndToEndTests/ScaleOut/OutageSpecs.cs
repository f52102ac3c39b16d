using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>The broker goes away in the middle and comes back. It is one of the spec's own.</summary>
[Collection("scale-out-outages")]
public sealed class OutageSpecs : ScaleOutHouse
{
    private const decimal CostOfARunUsd = 0.01m;

    // Not below the test's folder: the broker is started before that is asked for, and ends after it is removed.
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gwmq");

    [Fact]
    public async Task A_broker_killed_in_the_middle_costs_no_job_and_no_run()
    {
        var api = await StartApiAsync();
        await StartWorkerAsync("w1", ("Worker:Slots", "2"));
        var running = await api.Client.SubmitAsync($"[[fake: log {Log}; print before; wait {At("gate")}; print-bytes 200000; answer done]]");
        var blocking = await api.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; answer done]]");
        await Wait.LinesAsync(Log, 2);
        var queued = await api.Client.SubmitAsync($"[[fake: log {Log}; answer queued before]]");

        await Broker.KillAsync();
        var meanwhile = await api.Client.SubmitAsync($"[[fake: log {Log}; answer taken in without a broker]]");
        Assert.Equal("queued", meanwhile.Status);
        File.WriteAllText(At("gate"), "");
        Assert.Equal("running", (await api.Client.StatusAsync(running.Id)).Status);
        await Broker.RestartAsync();

        JobRecord[] all = [running, blocking, queued, meanwhile];
        foreach (var job in all)
        {
            var end = await api.Client.EndAsync(job.Id);
            Assert.Equal(("completed", 1), (end.Status, end.Attempt));
        }

        await new Checker(Store, [.. all.Select(j => PublicId.Read(j.Id))]).CheckAsync(AgentLog.Read(Log), CostOfARunUsd);
        await NothingIsSetAsideAsync();
    }

    [Fact]
    public async Task A_cancel_that_cannot_be_decided_says_so_and_leaves_the_job_as_it_is()
    {
        var api = await StartApiAsync();
        await StartWorkerAsync("w1");
        var job = await api.Client.SubmitAsync($"[[fake: log {Log}; wait {At("gate")}; answer done]]");
        await Wait.LinesAsync(Log, 1);
        await Broker.KillAsync();

        var reply = await api.Client.CallAsync("llm_job_cancel", new { jobId = job.Id });

        Assert.True(reply.Error.GetProperty("retryable").GetBoolean());
        Assert.Equal("running", (await api.Client.StatusAsync(job.Id)).Status);
        await Broker.RestartAsync();
        await Wait.UntilAsync(async () => !(await api.Client.CallAsync("llm_job_cancel", new { jobId = job.Id })).IsError, "the cancel is taken");
        Assert.Equal("canceled", (await api.Client.EndAsync(job.Id)).Status);
    }

    private protected override Task<Broker> StartBrokerAsync() => Broker.StartAsync(_folder.FullName);

    private protected override async Task EndBrokerAsync(Broker broker)
    {
        await broker.StopAsync();
        _folder.Delete(recursive: true);
    }
}
