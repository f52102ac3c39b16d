namespace Gateway.Jobs.Sessions;

/// <summary>What became of a caller's sessions.</summary>
/// <param name="Deleted">How many are gone.</param>
/// <param name="Skipped">How many are there still, because a job needs them.</param>
public readonly record struct ClearedSessions(int Deleted, int Skipped);
