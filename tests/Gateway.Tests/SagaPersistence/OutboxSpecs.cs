using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.SagaPersistence;

public sealed class OutboxSpecs : IDisposable
{
    private readonly TicketFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public async Task A_scoped_send_is_held_until_SaveChanges()
    {
        await using var host = await new TicketHost(file).StartAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var message = new NoteTaken(Guid.NewGuid());
        var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:plain"));
        await endpoint.Send(message);
        // A message sent later without the outbox arrives first: the held one is not merely slow.
        var direct = new NoteTaken(Guid.NewGuid());
        await host.SendDirectAsync("plain", direct);
        Assert.Equal(direct, await host.NextPlainAsync());
        Assert.Empty(await host.RowsAsync());

        await scope.ServiceProvider.GetRequiredService<TicketDb>().SaveChangesAsync();

        Assert.Equal(message, await host.NextPlainAsync());
        await host.AtRestAsync();
    }

    [Fact]
    public async Task A_scoped_send_vanishes_when_nobody_saves()
    {
        await using var host = await new TicketHost(file).StartAsync();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:plain"));
            await endpoint.Send(new NoteTaken(Guid.NewGuid()));
        }

        var later = new NoteTaken(Guid.NewGuid());
        await host.SendAndSaveAsync("plain", later);

        Assert.Equal(later, await host.NextPlainAsync());
        await host.AtRestAsync();
        Assert.False(host.Script.Plain.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_rolled_back_transaction_sends_nothing_even_if_the_context_saves_again()
    {
        await using var host = await new TicketHost(file).StartAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketDb>();
        var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:plain"));
        await using (await db.Database.BeginTransactionAsync())
        {
            await endpoint.Send(new NoteTaken(Guid.NewGuid()));
            await db.SaveChangesAsync();
        }

        var later = new NoteTaken(Guid.NewGuid());
        await endpoint.Send(later);
        await db.SaveChangesAsync();

        Assert.Equal(later, await host.NextPlainAsync());
        await host.AtRestAsync();
        Assert.False(host.Script.Plain.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_message_leaves_only_after_the_commit_of_its_transaction()
    {
        await using var host = await new TicketHost(file).StartAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketDb>();
        var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:plain"));
        var message = new NoteTaken(Guid.NewGuid());
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            await endpoint.Send(message);
            await db.SaveChangesAsync();
            var direct = new NoteTaken(Guid.NewGuid());
            await host.SendDirectAsync("plain", direct);
            Assert.Equal(direct, await host.NextPlainAsync());
            await transaction.CommitAsync();
        }

        Assert.Equal(message, await host.NextPlainAsync());
        await host.AtRestAsync();
    }

    [Fact]
    public async Task A_committed_row_is_delivered_by_the_next_process()
    {
        var message = new NoteTaken(Guid.NewGuid());
        await using (var dying = new TicketHost(file))
        {
            // Never started: the commit happened, the dispatch did not.
            await dying.SendAndSaveAsync("plain", message);
            Assert.Single(await dying.RowsAsync());
        }

        // The clock stands still: the row is found at the start and not by a later sweep.
        await using var next = await new TicketHost(file, clock: new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60))).StartAsync();
        Assert.Equal(message, await next.NextPlainAsync());
        await next.AtRestAsync();
    }

    [Fact]
    public async Task A_row_stays_until_its_message_has_been_consumed()
    {
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var host = await new TicketHost(file).StartAsync();
        host.Script.InPlain = context =>
        {
            entered.SetResult();
            return release.Task.WaitAsync(context.CancellationToken);
        };
        await host.SendAndSaveAsync("plain", new NoteTaken(Guid.NewGuid()));
        await entered.Task.WaitAsync(TicketHost.Patience);
        // Rows are settled in order: when this later one has been, an early delete of the first would have been as well.
        await host.SendAndSaveAsync("empty", new NobodyWantsThis(Guid.NewGuid()));
        await TicketHost.EventuallyAsync(async () => (await host.RowsAsync()).Any(row => row.DeadReason is not null), "no row died");
        Assert.Single(await host.RowsAsync(), row => row.DeadReason is null);

        release.SetResult();

        await TicketHost.EventuallyAsync(async () => (await host.RowsAsync()).All(row => row.DeadReason is not null), "the consumed row stayed");
    }

    [Fact]
    public async Task A_row_goes_with_the_transaction_of_the_consumer_that_has_one()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        // The gathered delete would come in ten seconds of a clock that stands still.
        await using var host = await new TicketHost(file, options => options.SettleDelay = TimeSpan.FromSeconds(10), clock).StartAsync();
        await host.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "one"));
        await host.NextPlainAsync();

        // One row is left: that of NoteTaken, whose consumer has no transaction. That of TakeNote went with the note.
        var left = Assert.Single(await host.RowsAsync());
        Assert.Contains("/plain", left.Destination, StringComparison.Ordinal);
        Assert.Single(await host.NotesAsync());
    }

    [Fact]
    public async Task A_delayed_message_is_sent_when_the_clock_reaches_it()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await new TicketHost(file, clock: clock).StartAsync();
        var delayed = new NoteTaken(Guid.NewGuid());
        await host.SendAndSaveAsync("plain", delayed, TimeSpan.FromMinutes(5));
        clock.Advance(TimeSpan.FromMinutes(4));
        var direct = new NoteTaken(Guid.NewGuid());
        await host.SendAndSaveAsync("plain", direct);
        Assert.Equal(direct, await host.NextPlainAsync());
        Assert.Contains(await host.RowsAsync(), row => row.DueMs > clock.GetUtcNow().ToUnixTimeMilliseconds());

        clock.Advance(TimeSpan.FromMinutes(1));
        await TicketHost.EventuallyAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(500));
                return Task.FromResult(host.Script.Plain.Reader.Count > 0);
            },
            "the delayed message did not come");

        Assert.Equal(delayed, await host.NextPlainAsync());
        await host.AtRestAsync();
    }

    [Fact]
    public async Task A_consumer_that_gives_up_leaves_the_row_with_the_kinds_of_its_reason_and_no_word_of_it()
    {
        await using var host = await new TicketHost(file).StartAsync();
        host.Script.InNote = _ => throw new InvalidDataException("ink is dry", new IOException("no ink"));
        await host.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "one"));

        await TicketHost.EventuallyAsync(async () => (await host.RowsAsync()).Any(row => row.DeadReason is not null), "no row died");

        var row = Assert.Single(await host.RowsAsync());
        Assert.Equal("InvalidDataException<-IOException", row.DeadReason);
        Assert.Equal(2, host.Script.NoteMessageIds.Count);
        Assert.Empty(await host.NotesAsync());
        await using var scope = host.Services.CreateAsyncScope();
        var status = scope.ServiceProvider.GetRequiredService<OutboxStatus<TicketDb>>();
        Assert.Equal(1, await status.CountDeadAsync(CancellationToken.None));
        Assert.Equal(0, await status.CountPendingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_dead_row_is_not_sent_again_by_the_next_process()
    {
        await using (var host = await new TicketHost(file).StartAsync())
        {
            await host.SendAndSaveAsync("empty", new NobodyWantsThis(Guid.NewGuid()));
            await TicketHost.EventuallyAsync(async () => (await host.RowsAsync()).Any(row => row.DeadReason is not null), "no row died");
            Assert.Equal("No consumer took the message.", Assert.Single(await host.RowsAsync()).DeadReason);
        }

        await using var next = await new TicketHost(file).StartAsync();
        var later = new NoteTaken(Guid.NewGuid());
        await next.SendAndSaveAsync("plain", later);
        Assert.Equal(later, await next.NextPlainAsync());
        await TicketHost.EventuallyAsync(async () => (await next.RowsAsync()).Count == 1, "the living row did not go");
        Assert.NotNull(Assert.Single(await next.RowsAsync()).DeadReason);
    }

    [Fact]
    public async Task A_consumer_interrupted_by_a_stop_leaves_a_living_row()
    {
        var message = new NoteTaken(Guid.NewGuid());
        await using (var stopping = await new TicketHost(file).StartAsync())
        {
            var entered = new TaskCompletionSource();
            stopping.Script.InPlain = async context =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            };
            await stopping.SendAndSaveAsync("plain", message);
            await entered.Task.WaitAsync(TicketHost.Patience);
            await stopping.StopAsync();
            Assert.Null(Assert.Single(await stopping.RowsAsync()).DeadReason);
        }

        await using var next = await new TicketHost(file).StartAsync();
        Assert.Equal(message, await next.NextPlainAsync());
        await next.AtRestAsync();
    }

    [Fact]
    public async Task With_a_broker_the_row_goes_when_the_send_has_returned()
    {
        var release = new TaskCompletionSource();
        await using var host = await new TicketHost(file, options => options.Delivery = OutboxDelivery.DeleteWhenConfirmed).StartAsync();
        host.Script.InPlain = context => release.Task.WaitAsync(context.CancellationToken);
        await host.SendAndSaveAsync("plain", new NoteTaken(Guid.NewGuid()));

        await host.AtRestAsync();

        Assert.Equal(0, host.Script.Plain.Reader.Count);
        release.SetResult();
        await host.NextPlainAsync();
    }

    [Fact]
    public async Task With_a_broker_a_send_that_is_never_told_of_holds_up_no_other_and_is_done_again()
    {
        await using var host = await new TicketHost(file, options =>
        {
            options.Delivery = OutboxDelivery.DeleteWhenConfirmed;
            options.LockDuration = TimeSpan.FromSeconds(1);
            options.ResendDelay = TimeSpan.FromMilliseconds(100);
        }).StartAsync();
        var lost = new LostSend<SerializedMessageBody>();
        host.Bus.ConnectSendObserver(lost);
        var (first, second) = (new NoteTaken(Guid.NewGuid()), new NoteTaken(Guid.NewGuid()));

        await host.SendAndSaveAsync("plain", first);
        await TicketHost.EventuallyAsync(() => Task.FromResult(lost.Sends == 1), "the first is on its way");
        await host.SendAndSaveAsync("plain", second);

        Assert.Equivalent((NoteTaken[])[first, second], (NoteTaken[])[await host.NextPlainAsync(), await host.NextPlainAsync()]);
        await host.AtRestAsync();
    }

    [Fact]
    public async Task With_a_broker_a_locked_row_of_another_process_is_left_alone_until_its_lock_ends()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var message = new NoteTaken(Guid.NewGuid());
        await using (var dying = new TicketHost(file, options => options.Delivery = OutboxDelivery.DeleteWhenConfirmed, clock))
        {
            await dying.SendAndSaveAsync("plain", message);
        }

        await using var next = await new TicketHost(file, options => options.Delivery = OutboxDelivery.DeleteWhenConfirmed, clock).StartAsync();
        var mine = new NoteTaken(Guid.NewGuid());
        await next.SendAndSaveAsync("plain", mine);
        Assert.Equal(mine, await next.NextPlainAsync());

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(message, await next.NextPlainAsync());
        await next.AtRestAsync();
    }

    [Fact]
    public async Task A_publish_through_a_scope_reaches_its_subscriber_after_the_commit()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var heard = new TaskCompletionSource<NoteTaken>();
        var handle = host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint("listener", (_, e) => e.Handler<NoteTaken>(context =>
        {
            heard.SetResult(context.Message);
            return Task.CompletedTask;
        }));
        await handle.Ready;
        var message = new NoteTaken(Guid.NewGuid());
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(message);
        await scope.ServiceProvider.GetRequiredService<TicketDb>().SaveChangesAsync();

        Assert.Equal(message, await heard.Task.WaitAsync(TicketHost.Patience));
        await host.AtRestAsync();
    }
}
