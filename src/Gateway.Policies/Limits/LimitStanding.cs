namespace Gateway.Policies.Limits;

/// <summary>How a limit stands for a call that is not counted.</summary>
/// <param name="Charge">What the call would add, and in which window.</param>
/// <param name="Used">What the counter stands at; real costs can take it above the maximum.</param>
public sealed record LimitStanding(Charge Charge, decimal Used)
{
    /// <summary>What is left of it, at least 0.</summary>
    public decimal Remaining => Math.Max(0, Charge.Limit.Max - Used);
}
