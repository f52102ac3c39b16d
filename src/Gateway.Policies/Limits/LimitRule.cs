using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Limits;

/// <summary>A limit of a policy file.</summary>
/// <param name="Scope">Who shares it.</param>
/// <param name="Rule">Rule pointer.</param>
internal abstract record LimitRule(LimitScope Scope, string Rule);

/// <summary>A limit on calls or amounts in a window.</summary>
internal sealed record CounterRule(string Tool, string Counter, TimeSpan Window, decimal Max, LimitScope Scope, ArgumentPath? IncrementFrom, string Rule) : LimitRule(Scope, Rule);

/// <summary>A limit on jobs.</summary>
internal sealed record CapRule(JobCap Cap) : LimitRule(Cap.Scope, Cap.Rule);
