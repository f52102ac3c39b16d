using Gateway.Contracts.Commands;
using Gateway.Jobs.Approvals;

namespace Gateway.Jobs.Dispatch;

/// <summary>A job that waits to be released.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Tenant">Tenant of its owner.</param>
/// <param name="Priority">Higher goes first.</param>
/// <param name="DueAtMs">Unix milliseconds since when it may start; older goes first.</param>
/// <param name="Command">The command that releases it.</param>
public sealed record WaitingJob(Guid JobId, string Tenant, int Priority, long DueAtMs, RunClaudeRequest Command)
{
    /// <summary>The owner's grant, under which the policy of the day is found.</summary>
    public StoredGrant Grant { get; init; }

    /// <summary>The tool that made it.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Name of its credential.</summary>
    public string Credential { get; init; } = "";

    /// <summary>Hash of the policy that let it in; null when none did.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>What its lifecycle is told in place of the command; null when it may go.</summary>
    public ReleaseFinding? Finding { get; init; }
}
