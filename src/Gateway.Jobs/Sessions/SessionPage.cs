using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Sessions;

/// <summary>A page of a caller's sessions.</summary>
/// <param name="Total">How many the filter lets through, on all pages.</param>
/// <param name="Sessions">Last used first.</param>
/// <param name="Active">The active session of each CLI that has one, whatever the filter says.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record SessionPage(int Total, IReadOnlyList<SessionRecord> Sessions, IReadOnlyDictionary<string, Guid> Active, JobCursor? Next);
