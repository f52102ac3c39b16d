using Gateway.Contracts.Commands;

namespace Gateway.Jobs.Dispatch;

/// <summary>A job that waits to be released.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Tenant">Tenant of its owner.</param>
/// <param name="Priority">Higher goes first.</param>
/// <param name="DueAtMs">Unix milliseconds since when it may start; older goes first.</param>
/// <param name="Command">The command that releases it.</param>
public sealed record WaitingJob(Guid JobId, string Tenant, int Priority, long DueAtMs, RunClaudeRequest Command);
