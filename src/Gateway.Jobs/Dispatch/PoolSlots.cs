namespace Gateway.Jobs.Dispatch;

/// <summary>What the live workers of a pool have.</summary>
/// <param name="Pool">Pool.</param>
/// <param name="Slots">Slots of its workers.</param>
/// <param name="Held">Runs that these workers hold.</param>
public sealed record PoolSlots(string Pool, int Slots, int Held)
{
    /// <summary>Slots that nobody uses.</summary>
    public int Free => Math.Max(0, Slots - Held);
}
