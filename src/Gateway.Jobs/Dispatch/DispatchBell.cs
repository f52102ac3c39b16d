using System.Threading.Channels;
using Gateway.Contracts.Events;
using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Dispatch;

/// <summary>Wakes the dispatcher of this process; many rings before it looks are one.</summary>
public sealed class DispatchBell
{
    private const int FirstEvent = 1;
    private readonly Channel<bool> rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something happened that may let a job go: a run ended, a worker was heard, a job came.</summary>
    public void Ring() => rung.Writer.TryWrite(true);

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
