using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Admission;

/// <summary>A job about to be stored.</summary>
/// <param name="Job">Its row, in the state <c>Queued</c>.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="ArgumentsHash">SHA-256 over tool, arguments and prompt, lower-case hex; equal calls have equal hashes.</param>
/// <param name="KeyExpiresAtMs">Unix milliseconds until which the idempotency key is remembered at least.</param>
public sealed record NewJob(Job Job, RunRequest Request, string ArgumentsHash, long KeyExpiresAtMs);
