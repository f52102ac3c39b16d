using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs.Dispatch;
using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>A job that is canceled while it waits takes its command with it.</summary>
public sealed class CancelQueuedSpecs : IDisposable
{
    private const int Slots = 1;
    private const int QueueLimit = 20;
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Submits_and_cancels_in_a_row_with_all_slots_taken_pile_up_nothing_and_take_no_place()
    {
        const int rounds = 200;
        await using var jobs = await StartAsync(("Jobs:MaxQueued", "3"));
        List<Guid> canceled = [];
        for (var i = 0; i < rounds; i++)
        {
            canceled.Add(await jobs.SubmitAsync());
            await CancelAsync(jobs, canceled[^1]);
        }

        Assert.Equal(0, await RowsAsync(jobs));
        Guid[] waiting = [await jobs.SubmitAsync(), await jobs.SubmitAsync()];

        // What the transport had is denied at its claim; the jobs that wait come right after it.
        var stale = 0;
        foreach (var id in waiting)
        {
            RunClaudeRequest command;
            for (command = await jobs.NextCommandAsync(); command.JobId != id; command = await jobs.NextCommandAsync())
            {
                Assert.Equal("final", (await jobs.ClaimAsync(command.JobId, command.Attempt, Guid.NewGuid())).Denied);
                stale++;
            }
        }

        Assert.InRange(stale, 1, Slots + QueueLimit);
        await EmbeddedJobs.EventuallyAsync(async () => await RowsAsync(jobs) == 0, "the outbox is empty");
    }

    [Fact]
    public async Task A_canceled_pause_before_another_attempt_leaves_no_command_that_falls_due()
    {
        var worker = Guid.NewGuid();
        await using var jobs = await StartAsync();
        var id = await jobs.SubmitAsync();
        await jobs.ClaimAsync(id, 1, worker);
        await EmbeddedJobs.EventuallyAsync(async () => await RowsAsync(jobs) == 0, "the first command is consumed");
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, 1, worker, 1, again: true));

        await CancelAsync(jobs, id);

        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
        Assert.Equal((0, null), (await RowsAsync(jobs), (await jobs.JobAsync(id)).ReleasedAtMs));
    }

    [Fact]
    public async Task A_withdrawal_that_is_rolled_back_leaves_the_command_on_its_way()
    {
        await using var jobs = await StartAsync();
        List<Guid> ids = [];
        for (var i = 0; i <= 2 * QueueLimit; i++)
        {
            ids.Add(await jobs.SubmitAsync());
        }

        await using (var scope = jobs.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<Gateway.Storage.GatewayDb>();
            await Assert.ThrowsAsync<TimeoutException>(() => jobs.Get<IWriteGate>().WriteAsync(
                db,
                WritePriority.Submit,
                async token =>
                {
                    await scope.ServiceProvider.GetRequiredService<OutboxWithdrawal<Gateway.Storage.GatewayDb>>().WithdrawAsync(ids[^1], token);
                    await db.SaveChangesAsync(token);
                    throw new TimeoutException();
                },
                CancellationToken.None));
        }

        List<Guid> arrived = [];
        while (arrived.Count < ids.Count)
        {
            arrived.Add((await jobs.NextCommandAsync()).JobId);
        }

        Assert.Equal(ids.Order(), arrived.Order());
    }

    /// <summary>Slots that nobody gives back.</summary>
    private Task<EmbeddedJobs> StartAsync(params (string Key, string Value)[] settings) => new EmbeddedJobs(
        folder,
        slots: Slots,
        configure: services => services.PostConfigure<SagaPersistenceOptions>(options => options.QueueLimit = QueueLimit),
        settings: settings).StartAsync();

    private static async Task CancelAsync(EmbeddedJobs jobs, Guid id) => Assert.True(
        (await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id })).Accepted);

    private static Task<int> RowsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Set<OutboxRow>().CountAsync(row => !row.Published));
}
