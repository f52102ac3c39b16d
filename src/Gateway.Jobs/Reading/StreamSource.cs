using Gateway.Contracts.Values;

namespace Gateway.Jobs.Reading;

/// <summary>One stored stream as it was at one moment: bytes that come later are not part of it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Stream">The stream.</param>
/// <param name="LengthBytes">Stored bytes.</param>
/// <param name="Ended">No more bytes will come.</param>
public readonly record struct StreamSource(Guid JobId, int Attempt, OutputStream Stream, long LengthBytes, bool Ended);
