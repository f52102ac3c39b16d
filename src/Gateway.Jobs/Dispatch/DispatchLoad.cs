using Gateway.Jobs.Parking;

namespace Gateway.Jobs.Dispatch;

/// <summary>How full the house is.</summary>
/// <param name="Pools">Pools with a live worker.</param>
/// <param name="Callers">Who has what in hand.</param>
/// <param name="Held">Runs that any worker holds.</param>
/// <param name="Unclaimed">Whether a command was released so long ago that it is to be sent again.</param>
public sealed record DispatchLoad(IReadOnlyList<PoolSlots> Pools, IReadOnlyList<CallerLoad> Callers, int Held, bool Unclaimed)
{
    /// <summary>Whether any job is queued, due or not.</summary>
    public bool Waiting { get; init; }

    /// <summary>The credentials that rest, or are being tried.</summary>
    public IReadOnlyList<CredentialGate> Gates { get; init; } = [];

    /// <summary>Commands of a pool that nobody has claimed.</summary>
    /// <param name="pool">Pool.</param>
    public int Released(string pool) => Callers.Where(c => c.Pool == pool).Sum(c => c.Released + c.Leaving);
}
