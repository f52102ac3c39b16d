using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Lifecycle;

/// <summary>What became of a cancel.</summary>
/// <param name="Accepted">True when the job is canceled or on its way to it; false when it had ended otherwise.</param>
/// <param name="Job">The job after the request.</param>
public sealed record CancelOutcome(bool Accepted, JobView Job);
