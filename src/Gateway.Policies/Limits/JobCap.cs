namespace Gateway.Policies.Limits;

/// <summary>A cap on jobs, counted from their rows.</summary>
/// <param name="Kind">Which jobs.</param>
/// <param name="Scope">Whose; never <see cref="LimitScope.Session"/> with a session of its own when the request had none.</param>
/// <param name="Max">Most of them, at least 1.</param>
/// <param name="Tool">The tool whose jobs count; null for a cap of all tools.</param>
/// <param name="Rule">Rule pointer, such as <c>/tools/T/limits/queued-grant</c>.</param>
public sealed record JobCap(JobCapKind Kind, LimitScope Scope, int Max, string? Tool, string Rule);
