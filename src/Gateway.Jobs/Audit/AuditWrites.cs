namespace Gateway.Jobs.Audit;

/// <summary>Counts what this process records, so that the sealer need not ask for what cannot be there. Safe for use by several threads.</summary>
public sealed class AuditWrites
{
    private long count;

    /// <summary>How many records this process has written, committed or not.</summary>
    public long Count => Interlocked.Read(ref count);

    /// <summary>Another one is being written.</summary>
    public void Add() => Interlocked.Increment(ref count);
}
