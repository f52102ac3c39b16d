using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Admission;

/// <summary>What the store did with a new job.</summary>
/// <param name="Outcome">What was done.</param>
/// <param name="JobId">The job that now stands for the call; empty when there is none.</param>
/// <param name="Refusal">Why it was refused, where a limit did.</param>
public readonly record struct InsertResult(InsertOutcome Outcome, Guid JobId, Refusal? Refusal = null);
