using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Jobs.Admission;

/// <summary>How the limits of a call stand.</summary>
/// <param name="Refusal">Why the call would not be counted now; null when it would.</param>
/// <param name="Counters">Its counters, in the order of the file.</param>
/// <param name="Waiting">For each of its caps of kind <c>queued</c> the jobs that wait.</param>
public sealed record LimitFigures(Refusal? Refusal, IReadOnlyList<LimitStanding> Counters, IReadOnlyList<(JobCap Cap, int Jobs)> Waiting);
