namespace Gateway.Contracts.Values;

/// <summary>One run: the fencing token that every message of a run carries.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">Its attempt, from 1.</param>
public readonly record struct RunKey(Guid JobId, int Attempt);
