namespace Gateway.Jobs.Parking;

/// <summary>What becomes of a job whose credential has reached its usage limit. The row keeps the number.</summary>
public enum UsageLimitChoice
{
    /// <summary>It waits until the limit ends, and goes on by itself.</summary>
    Park = 0,

    /// <summary>It fails with <c>usage_limit</c>.</summary>
    Fail = 1,
}
