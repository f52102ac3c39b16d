using Gateway.SagaPersistence.Inbox;
using Gateway.ConformanceTests.Support;
using Gateway.Tests.SagaPersistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.SagaPersistence;

public sealed class InboxSpecsOnSqlite() : InboxSpecs(Databases.Sqlite);

public sealed class InboxSpecsOnPostgreSql() : InboxSpecs(Databases.PostgreSql);

public abstract class InboxSpecs(Databases databases) : IDisposable
{
    private readonly ITicketStore file = databases.NewTicketStore();

    public void Dispose()
    {
        file.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_message_that_comes_three_times_has_one_effect()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var messageId = NewId.NextGuid();
        var note = new TakeNote(Guid.NewGuid(), "once");
        for (var i = 0; i < 3; i++)
        {
            await host.SendDirectAsync("notes", note, messageId);
        }

        var other = new TakeNote(Guid.NewGuid(), "other");
        await host.SendDirectAsync("notes", other);
        await host.NextPlainAsync();
        await host.NextPlainAsync();
        await host.AtRestAsync();

        Assert.Equal(["once", "other"], (await host.NotesAsync()).Select(n => n.Text).Order());
        Assert.False(host.Script.Plain.Reader.TryRead(out _));
        Assert.Equal(2, await host.CountInboxAsync());
    }

    [Fact]
    public async Task A_row_sent_again_after_its_message_was_consumed_has_no_second_effect_and_goes()
    {
        await using var host = await new TicketHost(file).StartAsync();
        await host.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "once"));
        await host.NextPlainAsync();
        await host.AtRestAsync();
        var consumed = Assert.Single(host.Script.NoteMessageIds)!.Value;
        await using (var source = new TicketHost(file))
        {
            // As if the process had died between the effect and the removal of the row.
            await source.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "again"));
            await source.ReadAsync(db => db.Set<Gateway.SagaPersistence.Outbox.OutboxRow>()
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.MessageId, consumed).SetProperty(row => row.LockedUntilMs, 0)));
        }

        await host.AtRestAsync();

        Assert.Equal("once", Assert.Single(await host.NotesAsync()).Text);
    }

    [Fact]
    public async Task Effect_outgoing_message_and_inbox_row_vanish_together_when_the_consumer_fails()
    {
        await using var host = await new TicketHost(file).StartAsync();
        var tries = 0;
        host.Script.InNote = async context =>
        {
            if (++tries == 1)
            {
                // Written, so that only the rollback can take it away.
                await TicketScript.FlushAsync(context);
                throw new InvalidDataException("first try");
            }
        };
        var note = new TakeNote(Guid.NewGuid(), "two tries");
        await host.SendAndSaveAsync("notes", note);

        Assert.Equal(note.Id, (await host.NextPlainAsync()).Id);
        await host.AtRestAsync();
        Assert.Single(await host.NotesAsync());
        Assert.Equal(1, await host.CountInboxAsync());
        Assert.Equal(2, tries);
        Assert.False(host.Script.Plain.Reader.TryRead(out _));
    }

    [Fact]
    public async Task An_endpoint_without_inbox_has_transaction_and_outgoing_rows_but_no_inbox_row()
    {
        await using var host = await new TicketHost(file, inbox: false).StartAsync();
        await host.SendAndSaveAsync("notes", new TakeNote(Guid.NewGuid(), "one"));
        await host.NextPlainAsync();
        await host.AtRestAsync();

        Assert.Single(await host.NotesAsync());
        Assert.Equal(0, await host.CountInboxAsync());
    }

    [Fact]
    public async Task Old_inbox_rows_are_removed_in_batches_and_young_ones_stay()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await new TicketHost(file, options => options.InboxCleanupBatch = 2, clock).StartAsync();
        var now = clock.GetUtcNow();
        await host.ReadAsync(db =>
        {
            var ages = new[] { 30, 20, 10, 9, 8, 6, 0 };
            db.AddRange(ages.Select(days => new InboxRow
            {
                MessageId = Guid.NewGuid(),
                ConsumerId = Guid.NewGuid(),
                ReceivedMs = now.AddDays(-days).ToUnixTimeMilliseconds(),
            }));
            return db.SaveChangesAsync();
        });

        await TicketHost.EventuallyAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(10));
                return await host.CountInboxAsync() == 2;
            },
            "old inbox rows stayed");
    }
}
