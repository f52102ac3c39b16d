using Gateway.Jobs.Leases;

namespace Gateway.ConformanceTests.Support;

/// <summary>A store's clock that stands until it is set, while timers go by the process's own: days pass without a tick.</summary>
internal sealed class SetStoreClock(DateTimeOffset now) : IStoreClock
{
    public DateTimeOffset Now { get; set; } = now;

    public DateTimeOffset GetUtcNow() => Now;
}
