namespace Gateway.Nemesis.History;

/// <summary>One start of the agent by its own log; <see cref="StopTicks"/> is null when it was cut.</summary>
internal sealed record AgentRun(Guid JobId, int Attempt, long StartTicks, long? StopTicks, int? ExitCode);
