using System.Threading.Channels;
using Gateway.Contracts.Events;
using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Dispatch;

/// <summary>Wakes the dispatcher of this process; many rings before it looks are one.</summary>
public sealed class DispatchBell
{
    private const int FirstEvent = 1;
    private readonly Channel<bool> rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long stored;
    private volatile bool rests;

    /// <summary>Something happened that may let a job go: a run ended, a worker was heard, a job came.</summary>
    public void Ring() => rung.Writer.TryWrite(true);

    /// <summary>How many jobs this process has stored that wait for the dispatcher.</summary>
    public long Stored => Interlocked.Read(ref stored);

    /// <summary>A job was stored that waits for the dispatcher. One that looks each second anyway is not woken: a flood of jobs would keep it looking.</summary>
    public void JobWaits()
    {
        Interlocked.Increment(ref stored);
        if (rests)
        {
            Ring();
        }
    }

    /// <summary>Says whether the dispatcher may rest, so that whoever stores a job wakes it.</summary>
    /// <param name="wishes">It has found nothing that only time moves.</param>
    /// <param name="seen"><see cref="Stored"/> before it looked: what was stored since may have been missed.</param>
    /// <returns>Whether it rests.</returns>
    public bool Rest(bool wishes, long seen)
    {
        rests = wishes;
        // Before the look at the count: who stores a job counts first and looks at this then, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        return rests = wishes && Stored == seen;
    }

    /// <summary>Rings if the change gave a slot back, or a job to the queue; a new job is judged where it is taken in.</summary>
    /// <param name="change">What was committed.</param>
    public void Heed(JobChanged change)
    {
        if (change.Status is not (JobStatus.Running or JobStatus.Canceling) && change.HighWaterSeq > FirstEvent)
        {
            Ring();
        }
    }

    /// <summary>Waits for the next ring.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitAsync(CancellationToken cancellationToken) => await rung.Reader.ReadAsync(cancellationToken);
}
