namespace Gateway.Policies.Cases;

/// <summary>Something that was not as a case expects it.</summary>
/// <param name="Step">Number of the step, from 0.</param>
/// <param name="What">The field of the expectation.</param>
/// <param name="Wanted">What was expected.</param>
/// <param name="Got">What was found.</param>
public sealed record CaseDifference(int Step, string What, string Wanted, string Got);
