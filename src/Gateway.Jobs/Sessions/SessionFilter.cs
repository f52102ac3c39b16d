using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Sessions;

/// <summary>Which of a caller's sessions a list shows.</summary>
/// <param name="Cli">One of <see cref="Gateway.Contracts.Values.AgentClis"/>; null for all.</param>
/// <param name="Limit">Most of a page, at least 1.</param>
/// <param name="After">Last row of the page before: when it was used, and its id; null for the first page.</param>
public sealed record SessionFilter(string? Cli, int Limit, JobCursor? After = null);
