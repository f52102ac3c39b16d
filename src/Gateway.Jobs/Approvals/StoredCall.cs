namespace Gateway.Jobs.Approvals;

/// <summary>The call that made a job, as it was sent.</summary>
/// <param name="Grant">Whose it is.</param>
/// <param name="Tool">The tool.</param>
/// <param name="ArgumentsJson">A JSON object: the arguments as sent, the prompt among them.</param>
/// <param name="WorkingDirectory">Where the run works; null for a directory of its own.</param>
/// <param name="CallerAsks">The caller itself wanted a person to be asked.</param>
public sealed record StoredCall(StoredGrant Grant, string Tool, string ArgumentsJson, string? WorkingDirectory, bool CallerAsks = false);
