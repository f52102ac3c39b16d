namespace Gateway.Jobs.Admission;

/// <summary>What admission counted since the start of this process.</summary>
public sealed class AdmissionCounters
{
    private long rejected;

    /// <summary>Submits refused because too many jobs wait.</summary>
    public long Rejected => Interlocked.Read(ref rejected);

    internal void CountRejected() => Interlocked.Increment(ref rejected);
}
