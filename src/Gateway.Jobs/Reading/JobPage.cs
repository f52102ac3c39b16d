namespace Gateway.Jobs.Reading;

/// <summary>One page of a list.</summary>
/// <param name="Jobs">Newest first, without progress, with prompt previews.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, JobCursor? Next);
