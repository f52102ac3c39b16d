namespace Gateway.Jobs.Lifecycle;

/// <summary>The pause before another attempt.</summary>
internal static class Backoff
{
    private static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(120)];

    /// <summary>5 s after the first counted attempt, 30 s after the second, 120 s after each later one.</summary>
    public static TimeSpan AfterFailure(int countedAttempts) => Steps[Math.Clamp(countedAttempts - 1, 0, Steps.Length - 1)];

    /// <summary>None after the first counted attempt, then 5 s, 30 s, 120 s: a loss is rarely the job's fault, a second one may be.</summary>
    public static TimeSpan AfterLoss(int countedAttempts) =>
        countedAttempts <= 1 ? TimeSpan.Zero : AfterFailure(countedAttempts - 1);
}
