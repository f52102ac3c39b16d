using Gateway.Contracts.Commands;

namespace Gateway.Jobs.Sessions;

/// <summary>The stored conversations that runs go on with. Implemented by Storage.</summary>
public interface ITranscriptStore
{
    /// <summary>Reads a piece of the conversation that the asking attempt was told to go on with.</summary>
    /// <param name="question">Who asks, and from where on.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null when the asker does not hold the attempt under a lease that goes on, or there is no such conversation.</returns>
    Task<TranscriptPart?> ReadAsync(FetchTranscript question, DateTimeOffset now, CancellationToken cancellationToken);
}
