namespace Gateway.ConformanceTests.Policies;

/// <summary>
/// A clock of cases: time and what is measured between two looks stand until they are set, while timers go by the machine's own, so that
/// the gateway does its rounds.
/// </summary>
internal sealed class CaseClock(DateTimeOffset start) : TimeProvider
{
    private long ticks = start.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref ticks, now.UtcTicks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref ticks);
}
