using System.Security.Cryptography;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Runs;

/// <summary>Sends one stream of a run, one piece under way at a time, and counts and hashes what it was given.</summary>
internal sealed class StreamSender : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly OutputStream _stream;
    private readonly RunLine _line;
    private long _stored;

    /// <summary>Makes one.</summary>
    /// <param name="stream">Which stream.</param>
    /// <param name="line">The way to the control plane.</param>
    /// <param name="stored">Bytes that the control plane has already.</param>
    public StreamSender(OutputStream stream, RunLine line, long stored)
    {
        _stream = stream;
        _line = line;
        _stored = stored;
    }

    /// <summary>Bytes given so far.</summary>
    public long Length { get; private set; }

    /// <summary>Length and hash of all that was given.</summary>
    public StreamSummary Summary => new()
    {
        Stream = _stream,
        LengthBytes = Length,
        Sha256 = Convert.ToHexStringLower(_hash.GetCurrentHash()),
    };

    /// <summary>Sends the next piece until it is stored; what is stored already is not sent again.</summary>
    /// <param name="piece">Directly after the piece before.</param>
    /// <param name="events">What was read from it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when the control plane has less than before: the run is to be sent from the beginning.</returns>
    public async Task<bool> SendAsync(byte[] piece, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        var start = Length;
        _hash.AppendData(piece);
        Length += piece.Length;
        for (var idle = 0; _stored < Length; idle++)
        {
            if (_stored < start)
            {
                return false;
            }

            var from = _stored;
            var receipt = await _line.SendAsync(
                _stream,
                from,
                from == start ? piece : piece[(int)(from - start)..],
                from == start ? events : [.. events.Where(e => e.EndOffset > from)],
                cancellationToken);
            _stored = receipt.StoredBytes.GetValueOrDefault(_stream);
            if (_stored > from)
            {
                idle = -1;
            }
            else if (_stored == from)
            {
                await _line.PauseAsync(idle, cancellationToken);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
