using System.Threading.Channels;
using Gateway.Contracts.Events;
using Gateway.Jobs.Reading;
using Gateway.Tests.Support;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class ChangeBroadcastSpecs
{
    private static readonly Uri Elsewhere = new("loopback://localhost/another-process");

    [Fact]
    public async Task What_one_process_commits_is_published_to_the_others()
    {
        using var folder = new TestFolder();
        await using var jobs = new EmbeddedJobs(folder, configure: services => services.AddGatewayChangeBroadcast());
        await jobs.StartAsync();
        var heard = Channel.CreateUnbounded<JobChanged>();
        await jobs.Bus.ConnectReceiveEndpoint("elsewhere", endpoint => endpoint.Handler<JobChanged>(c => heard.Writer.WriteAsync(c.Message).AsTask())).Ready;

        var id = await jobs.SubmitAsync();
        await jobs.ClaimAsync(id, 1, Guid.NewGuid());

        using var patience = new CancellationTokenSource(EmbeddedJobs.Patience);
        var change = await heard.Reader.ReadAsync(patience.Token);
        Assert.Equal((id, "running"), (change.JobId, change.Status));
        Assert.True(change.HighWaterSeq > 0);
    }

    [Fact]
    public async Task A_change_of_another_process_wakes_its_waiters_here_and_our_own_does_not_do_so_twice()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var signals = new JobSignals();
        await jobs.Bus.ConnectReceiveEndpoint("changes", endpoint =>
        {
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.Consumer(() => new JobChangedConsumer(signals, jobs.Bus));
        }).Ready;
        var (ours, theirs) = (Guid.NewGuid(), Guid.NewGuid());
        using var first = signals.Listen(ours);
        using var second = signals.Listen(theirs);
        var (own, other) = (first.NextAsync(), second.NextAsync());

        await jobs.Bus.Publish(Change(ours));
        await jobs.Bus.Publish(Change(theirs), context => context.SourceAddress = Elsewhere);

        await other.WaitAsync(EmbeddedJobs.Patience);
        Assert.False(own.IsCompleted);
    }

    private static JobChanged Change(Guid job) => new() { JobId = job, HighWaterSeq = 1, Status = "running" };
}
