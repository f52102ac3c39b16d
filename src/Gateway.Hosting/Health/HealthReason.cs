using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Hosting.Health;

/// <summary>
/// What anybody may read about a failed check. Descriptions and exceptions of checks that are not ours name hosts and users: only words
/// that were given as a reason leave the process; a project that does not know this one puts them into the data under the same key.
/// </summary>
public static class HealthReason
{
    private const string Key = "reason";

    /// <summary>A failed check with its public reason.</summary>
    /// <param name="reason">A sentence without names of machines, users or files.</param>
    /// <param name="problem">For the log alone.</param>
    public static HealthCheckResult Unhealthy(string reason, Exception? problem = null) =>
        new(HealthStatus.Unhealthy, reason, problem, new Dictionary<string, object> { [Key] = reason });

    /// <summary>The public reason of a check; null when it is well.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">What it said.</param>
    public static string? Of(string name, HealthReportEntry entry) => entry switch
    {
        { Status: HealthStatus.Healthy } => null,
        _ when entry.Data.TryGetValue(Key, out var reason) => (string)reason,
        _ when name.StartsWith(HealthChecks.Broker, StringComparison.Ordinal) => "The broker is not connected.",
        _ => "It did not answer in time.",
    };
}
