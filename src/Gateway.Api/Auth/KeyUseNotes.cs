using Gateway.Jobs.Keys;

namespace Gateway.Api.Auth;

/// <summary>Writes down when keys were used, beside the calls that used them. What cannot be written is noted by the next use.</summary>
internal sealed partial class KeyUseNotes(KeyRing ring, IApiKeyStore store, ILogger<KeyUseNotes> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var use in ring.Uses.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await store.NoteUseAsync(use, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of a background loop.
                LogFailed(use.KeyId, problem.Message);
            }
        }
    }

    [LoggerMessage(EventId = 1602, Level = LogLevel.Warning, Message = "The use of key {KeyId} could not be noted: {Problem}")]
    private partial void LogFailed(Guid keyId, string problem);
}
