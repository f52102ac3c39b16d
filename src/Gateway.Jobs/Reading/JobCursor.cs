namespace Gateway.Jobs.Reading;

/// <summary>Key of a row in the order of lists (newest first), so that new jobs neither shift nor repeat rows.</summary>
/// <param name="CreatedAtMs">Unix milliseconds.</param>
/// <param name="JobId">The job.</param>
public sealed record JobCursor(long CreatedAtMs, Guid JobId);
