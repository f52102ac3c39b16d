using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Admission;

/// <summary>A job about to be stored.</summary>
/// <param name="Job">Its row, in the state <c>Queued</c>.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="ArgumentsHash">SHA-256 over tool, arguments and prompt, lower-case hex; equal calls have equal hashes.</param>
/// <param name="KeyExpiresAtMs">Unix milliseconds until which the idempotency key is remembered at least.</param>
/// <param name="Equal">By what an equal call finds it; null when the call neither is given another's job nor gives its own away.</param>
public sealed record NewJob(Job Job, RunRequest Request, string ArgumentsHash, long KeyExpiresAtMs, EqualCall? Equal = null);
