using System.ComponentModel.DataAnnotations;
using Gateway.SagaPersistence.Outbox;

namespace Gateway.SagaPersistence;

/// <summary>Limits and choices of saga repository, inbox and outbox.</summary>
public sealed class SagaPersistenceOptions
{
    /// <summary>When a row may go: embedded (in-memory transport) or broker. Default: <see cref="OutboxDelivery.DeleteWhenConsumed"/>.</summary>
    public OutboxDelivery Delivery { get; set; } = OutboxDelivery.DeleteWhenConsumed;

    /// <summary>One write transaction at a time in this process: true for SQLite, false for servers. Default: true.</summary>
    public bool SingleWriter { get; set; } = true;

    /// <summary>How often left-over and due rows are looked for: 10 ms to 1 min. Default: 500 ms. A delayed message is late by at most
    /// this. While the table is empty, and this process stores nothing, only every tenth sweep asks the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Rows claimed in one sweep: 1 to 10,000. Default: 500. A full sweep is followed by the next at once.</summary>
    [Range(1, 10_000)]
    public int SweepBatch { get; set; } = 500;

    /// <summary>Messages sent at the same time by the dispatcher: 1 to 10,000. Default: 256.</summary>
    [Range(1, 10_000)]
    public int DispatchBatch { get; set; } = 256;

    /// <summary>Embedded: messages of one queue that are in the transport at the same time: 1 to 100,000. Default: 64, more than any endpoint
    /// takes at once. The others wait in their order where they can be withdrawn.</summary>
    [Range(1, 100_000)]
    public int QueueLimit { get; set; } = 64;

    /// <summary>With a broker: how long a row is in the hands of the process that sends it before another may take it: 1 s to 1 h. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LockDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After a failed send the row waits this long: 100 ms to 10 min. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ResendDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>With a broker: committed rows kept in memory for sending: 100 to 1,000,000. Default: 10,000. What comes beyond is left to the sweeper.</summary>
    [Range(100, 1_000_000)]
    public int BacklogLimit { get; set; } = 10_000;

    /// <summary>How long consumed or confirmed rows are gathered before one delete takes them all: 0 to 10 s. Default: 25 ms. A crash in between sends them again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan SettleDelay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Embedded: a message that no endpoint has begun to receive for so long is sent again (an endpoint that stops may drop what
    /// reaches it in that moment): 1 s to 1 d. Default: 2 min. What stands in the queue of an endpoint at work is left there.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan UnreceivedLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a consumed message's id is remembered, so that a duplicate is denied: 1 min to 365 d. Default: 7 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often old inbox rows are looked for: 1 s to 1 d. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan InboxCleanupInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Inbox rows deleted in one transaction: 1 to 100,000. Default: 500, so that no other writer waits long.</summary>
    [Range(1, 100_000)]
    public int InboxCleanupBatch { get; set; } = 500;
}
