using System.Security.Cryptography;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Conversations;

/// <summary>Fetches the stored conversation of a run whole, and believes it only if length and hash are those that were told.</summary>
internal sealed class ConversationFetcher(ControlPlane control)
{
    /// <summary>Fetches it.</summary>
    /// <param name="key">The run.</param>
    /// <param name="conversation">What the grant says of it.</param>
    /// <param name="runner">Whose worker and attach hold the run.</param>
    /// <param name="file">Receives it; empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there is none such.</returns>
    public async Task<bool> FetchAsync(RunKey key, Conversation conversation, IRunner runner, TranscriptFile file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (file.Length < conversation.TranscriptBytes)
        {
            var offset = file.Length;
            var part = await control.FetchTranscriptAsync(
                new FetchTranscript { JobId = key.JobId, Attempt = key.Attempt, WorkerId = runner.WorkerId, Epoch = runner.Epoch, Offset = offset }, cancellationToken);
            if (part is null || part.Offset != offset || part.TotalBytes != conversation.TranscriptBytes || part.Bytes.Length == 0 || part.Bytes.Length > part.TotalBytes - offset)
            {
                return false;
            }

            hash.AppendData(part.Bytes);
            await file.AddAsync(part.Bytes, cancellationToken);
        }

        return file.Length > 0 && (conversation.Sha256 is null || conversation.Sha256 == Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
