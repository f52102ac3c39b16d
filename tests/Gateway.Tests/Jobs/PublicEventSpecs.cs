using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Tests.Support;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>What other services are told of jobs.</summary>
public sealed class PublicEventSpecs : IDisposable
{
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly TestFolder folder = new();
    private readonly ConcurrentQueue<(Guid? MessageId, object Event)> heard = new();
    private HostReceiveEndpointHandle? subscriber;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_job_that_is_tried_twice_is_told_of_in_four_events_with_ids_made_of_what_they_tell()
    {
        const string secret = "the prompt that nobody else may read";
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request(secret));
        await jobs.ClaimAsync(id, 1, Worker);
        var started = new RunStarted { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, StartedAt = DateTimeOffset.UnixEpoch.AddMinutes(1) };
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, started);
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, started);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, 1, Worker, 1, again: true));
        await jobs.ClaimAsync(id, 2, Worker);
        var ending = LifecycleSpecs.Completed(id, 2, Worker, 1);
        ending = ending with { Result = ending.Result with { StartedAt = DateTimeOffset.UnixEpoch.AddMinutes(2), Usage = new RunUsage { CostUsd = 0.5m } } };
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, ending);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, ending);
        await AtRestAsync(jobs);

        var job = await jobs.JobAsync(id);
        Assert.Equal(4, heard.Count);
        var first = Assert.Single(heard.Select(h => h.Event).OfType<AgentJobStarted>(), e => e.Attempt == 1);
        Assert.Equal((id, JobIdText.Format(id), "acme", "correlation-1", "claude", "running"), (first.JobId, first.Job, first.Tenant, first.CorrelationId, first.Cli, first.Status));
        Assert.Single(heard.Select(h => h.Event).OfType<AgentJobStarted>(), e => e.Attempt == 2 && e.StartedAt == DateTimeOffset.UnixEpoch.AddMinutes(2));
        var retry = Assert.Single(heard.Select(h => h.Event).OfType<AgentJobRetrying>());
        Assert.Equal((1, "queued"), (retry.Attempt, retry.Status));
        Assert.Equal(FailureKinds.ApiError, retry.FailureKind);
        Assert.True(retry.NotBefore > retry.CreatedAt);
        var completed = Assert.Single(heard.Select(h => h.Event).OfType<AgentJobCompleted>());
        Assert.Equal((2, "completed", 0.5m), (completed.Attempt, completed.Status, completed.CostUsd));
        Assert.Equal(job.FinishedAtMs, completed.FinishedAt.ToUnixTimeMilliseconds());
        Assert.Equal(JobAnnouncements.IdOf(job, nameof(AgentJobCompleted)), completed.EventId);
        Assert.Equal(4, heard.Select(h => EventIdOf(h.Event)).Distinct().Count());
        Assert.All(heard, h => Assert.Equal(h.MessageId, EventIdOf(h.Event)));
        Assert.All(heard, h => Assert.DoesNotContain(secret, JsonSerializer.Serialize(h.Event, h.Event.GetType()), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_way_to_an_end_is_told_of_once_and_no_other_message_tells_of_an_end()
    {
        await using var jobs = await StartAsync();
        List<(LifecycleTable.Row Row, Guid Id)> ways = [];
        foreach (var row in LifecycleTable.Rows)
        {
            ways.Add((row, await LifecycleSpecs.PlayAsync(jobs, row)));
        }

        await AtRestAsync(jobs);
        var ends = heard.Select(h => h.Event).Where(e => e is AgentJobCompleted or AgentJobFailed or AgentJobCanceled).ToLookup(JobIdOf);
        foreach (var (row, id) in ways)
        {
            var expected = row.Next != row.State && row.Next is ("Completed" or "Failed" or "Canceled") ? $"AgentJob{row.Next}" : "";
            Assert.Equal((row, expected), (row, string.Join(", ", ends[id].Select(e => e.GetType().Name))));
        }

        // Under which policy, where one or a person under it kept the job from starting.
        var failed = ends.SelectMany(end => end).OfType<AgentJobFailed>().ToLookup(e => e.PolicyHash, e => e.FailureKind);
        Assert.NotEmpty(failed["sha256:p"]);
        Assert.All(failed["sha256:p"], kind => Assert.True(kind is FailureKinds.PolicyDenied or FailureKinds.ApprovalRejected or FailureKinds.ApprovalExpired, kind));
        Assert.NotEmpty(failed[null]);
    }

    [Fact]
    public async Task Events_that_nobody_subscribes_to_leave_nothing_behind()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync();
        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, StartedAt = DateTimeOffset.UnixEpoch });
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 1, Worker, 1));

        await AtRestAsync(jobs);
    }

    [Fact]
    public async Task A_withdrawal_takes_the_commands_of_a_job_and_leaves_its_events()
    {
        await using var jobs = await StartAsync();
        var job = LifecycleSpecs.NewJob("Queued", 1);
        await using (var scope = jobs.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<Gateway.Storage.GatewayDb>();
            await jobs.Get<IWriteGate>().WriteAsync(
                db,
                WritePriority.Submit,
                async token =>
                {
                    var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(EndpointNames.Address(EndpointNames.Run("claude", EndpointNames.DefaultPool)));
                    await endpoint.Send(job.NextRelease(), send => send.CorrelationId = job.CorrelationId, token);
                    await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(Canceled(job), publish => publish.CorrelationId = job.CorrelationId, token);
                    await db.SaveChangesAsync(token);
                    await scope.ServiceProvider.GetRequiredService<OutboxWithdrawal<Gateway.Storage.GatewayDb>>().WithdrawAsync(job.CorrelationId, token);
                    Assert.Equal([true], await db.Set<OutboxRow>().Select(row => row.Published).ToListAsync(token));
                    return true;
                },
                CancellationToken.None);
        }

        await EmbeddedJobs.EventuallyAsync(() => Task.FromResult(!heard.IsEmpty), "the event arrives");
        Assert.IsType<AgentJobCanceled>(Assert.Single(heard).Event);
    }

    private static AgentJobCanceled Canceled(Job job) => new()
    {
        EventId = Guid.NewGuid(),
        JobId = job.CorrelationId,
        Job = JobIdText.Format(job.CorrelationId),
        Tenant = job.Tenant,
        CorrelationId = "c",
        Cli = "claude",
        Attempt = 1,
        Status = "canceled",
        CreatedAt = DateTimeOffset.UnixEpoch,
        FinishedAt = DateTimeOffset.UnixEpoch,
    };

    private static Guid EventIdOf(object told) => (Guid)told.GetType().GetProperty(nameof(AgentJobStarted.EventId))!.GetValue(told)!;

    private static Guid JobIdOf(object told) => (Guid)told.GetType().GetProperty(nameof(AgentJobStarted.JobId))!.GetValue(told)!;

    // A sent event is with its subscriber when its row is gone: in memory a send ends in the subscriber's queue.
    private async Task AtRestAsync(EmbeddedJobs jobs)
    {
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(async db => !await db.Set<OutboxRow>().AnyAsync(row => row.Published || row.DeadReason != null)), "no event is left in the outbox");
        var last = Guid.NewGuid();
        if (subscriber is not null)
        {
            await jobs.Bus.Publish(Canceled(LifecycleSpecs.NewJob("Canceled", 1)), publish => publish.MessageId = last);
            await EmbeddedJobs.EventuallyAsync(() => Task.FromResult(heard.Any(h => h.MessageId == last)), "the subscriber has had what came before");
            var others = heard.Where(h => h.MessageId != last).ToList();
            heard.Clear();
            others.ForEach(heard.Enqueue);
        }
    }

    private async Task<EmbeddedJobs> StartAsync()
    {
        var jobs = await new EmbeddedJobs(folder).StartAsync();
        subscriber = jobs.Bus.ConnectReceiveEndpoint("subscriber", endpoint =>
        {
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.Handler<AgentJobStarted>(Hear);
            endpoint.Handler<AgentJobRetrying>(Hear);
            endpoint.Handler<AgentJobCompleted>(Hear);
            endpoint.Handler<AgentJobFailed>(Hear);
            endpoint.Handler<AgentJobCanceled>(Hear);
        });
        await subscriber.Ready;
        return jobs;
    }

    private Task Hear<T>(ConsumeContext<T> context)
        where T : class
    {
        heard.Enqueue((context.MessageId, context.Message));
        return Task.CompletedTask;
    }
}
