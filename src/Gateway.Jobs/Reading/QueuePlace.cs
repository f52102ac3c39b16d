using Gateway.Policies.Limits;

namespace Gateway.Jobs.Reading;

/// <summary>Where a queued job stands.</summary>
/// <param name="Ahead">About how many jobs go before it; those that wait behind a cap of their own do not.</param>
/// <param name="HeldBy">The cap on running jobs that is full for it at present; null when it waits for its turn alone.</param>
/// <param name="GatedUntil">When its credential is tried again after a usage limit; null while it does not rest.</param>
public readonly record struct QueuePlace(int Ahead, JobCap? HeldBy, DateTimeOffset? GatedUntil = null);
