using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.SagaPersistence;

public sealed class OutboxLedgerSpecs
{
    private const int Most = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider clock = new();
    private readonly OutboxLedger ledger;

    public OutboxLedgerSpecs() => ledger = new OutboxLedger(Options.Create(new SagaPersistenceOptions { QueueLimit = Most }), clock);

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

    [Fact]
    public void A_queue_has_so_many_messages_in_the_transport_and_the_others_follow_in_their_order()
    {
        var handed = Enumerable.Range(0, Most + 3).Select(_ => Hand("busy")).ToList();
        Hand("idle");
        Assert.Equal(Most + 1, Sent().Count);

        Assert.True(ledger.TryTake(handed[5], out _));
        Assert.True(ledger.TryTake(handed[1], out _));
        Assert.Equal(handed[Most..(Most + 2)], Sent());

        handed.ForEach(id => ledger.TryTake(id, out _));
        Assert.Equal([handed[^1]], Sent());
        Assert.Equal([Hand("busy")], Sent());
    }

    [Fact]
    public void A_message_that_waits_for_its_turn_can_be_withdrawn_and_leaves_nothing_behind()
    {
        var handed = Enumerable.Range(0, Most).Select(_ => Hand("busy")).ToList();
        var withdrawn = Hand("busy");
        var next = Hand("busy");
        Sent();

        ledger.Withdraw(withdrawn);
        Assert.False(ledger.TryGet(withdrawn, out _));
        ledger.Withdraw(handed[0]);
        Assert.True(ledger.TryTake(handed[0], out _), "what is in the transport stays until it is settled");

        Assert.Equal([next], Sent());
    }

    [Fact]
    public void A_message_that_waits_for_its_turn_was_not_dropped_by_the_transport()
    {
        var handed = Enumerable.Range(0, Most + 1).Select(_ => Hand("idle")).ToList();
        clock.Advance(2 * Limit);

        Assert.Equal(Most, ledger.GiveBackUnreceived(Limit));

        Assert.Equal(handed, Sent());
        Assert.Equal(0, ledger.GiveBackUnreceived(Limit));
    }

    private List<Guid> Sent()
    {
        var sent = new List<Guid>();
        while (ledger.Committed.TryRead(out var row))
        {
            sent.Add(row.MessageId);
        }

        return sent;
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
