using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Reading;

/// <summary>A job's row with what stands beside it.</summary>
/// <param name="Job">The row.</param>
/// <param name="StdoutBytes">Of the newest attempt.</param>
/// <param name="StderrBytes">Of the newest attempt.</param>
/// <param name="HighWaterSeq">Newest event, 0 for none.</param>
/// <param name="Phase">Newest phase.</param>
/// <param name="LastActivityAtMs">Unix milliseconds of the newest byte or event.</param>
public sealed record JobRecord(Job Job, long StdoutBytes, long StderrBytes, long HighWaterSeq, string Phase, long? LastActivityAtMs);
