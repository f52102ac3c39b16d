using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.Jobs.Output;

/// <summary>The stored byte streams of runs. Implemented by Storage.</summary>
public interface IOutputStore
{
    /// <summary>Reads from a stream; answers fewer bytes than asked for only at its stored end.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="maxBytes">Most bytes wanted, 1 to 8 MiB.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<byte[]> ReadAsync(Guid jobId, int attempt, OutputStream stream, long offset, int maxBytes, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the part of a piece that is new (bytes and events in one commit), or nothing, when the piece leaves a gap,
    /// is stored already, or its sender no longer holds the attempt.
    /// </summary>
    /// <param name="piece">The piece.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>What is stored by now.</returns>
    Task<RunReceipt> AppendAsync(RunOutput piece, CancellationToken cancellationToken);
}
