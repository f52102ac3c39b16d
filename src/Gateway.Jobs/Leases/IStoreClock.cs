namespace Gateway.Jobs.Leases;

/// <summary>The time by which leases are given and judged: the same for every process on one database. Implemented by Storage.</summary>
public interface IStoreClock
{
    /// <summary>The time now.</summary>
    DateTimeOffset GetUtcNow();
}
