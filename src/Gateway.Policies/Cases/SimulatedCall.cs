namespace Gateway.Policies.Cases;

/// <summary>What a call left behind.</summary>
/// <param name="Answer">What its caller got.</param>
/// <param name="Job">The job that it made or was given; null for none.</param>
/// <param name="Approval">The request that it made or met; null for none.</param>
internal sealed record SimulatedCall(StepAnswer Answer, SimulatedJob? Job = null, SimulatedApproval? Approval = null);
