using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.SagaPersistence;

public sealed class OutboxLedgerSpecs
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider clock = new();
    private readonly OutboxLedger ledger;

    public OutboxLedgerSpecs() => ledger = new OutboxLedger(Options.Create(new SagaPersistenceOptions()), clock);

    [Fact]
    public void What_waits_behind_a_message_in_hand_is_not_sent_again_however_long_that_takes()
    {
        Receive(Hand("busy"));
        Hand("busy");
        clock.Advance(10 * Limit);
        Assert.Equal(0, ledger.GiveBackUnreceived(Limit));
    }

    [Fact]
    public void What_was_overtaken_by_a_much_later_message_was_dropped_and_is_given_back()
    {
        Hand("busy");
        clock.Advance(2 * Limit);
        Receive(Hand("busy"));
        Assert.Equal(1, ledger.GiveBackUnreceived(Limit));
        Assert.Equal(0, ledger.GiveBackUnreceived(Limit));
    }

    [Fact]
    public void What_an_idle_endpoint_does_not_take_is_given_back()
    {
        Receive(Hand("busy"));
        Hand("idle");
        clock.Advance(Limit);
        Assert.Equal(0, ledger.GiveBackUnreceived(Limit));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, ledger.GiveBackUnreceived(Limit));
    }

    private Guid Hand(string queue)
    {
        var row = new OutboxRow
        {
            MessageId = Guid.NewGuid(),
            Destination = "exchange:" + queue,
            ContentType = "application/json",
            MessageType = "urn:message:any",
            Body = "{}",
        };
        ledger.Hand(row);
        return row.MessageId;
    }

    private void Receive(Guid messageId)
    {
        Assert.True(ledger.TryGet(messageId, out var delivery));
        delivery.Received = true;
    }
}
