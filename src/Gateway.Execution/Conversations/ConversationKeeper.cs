using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Conversations;

/// <summary>
/// Puts the conversation that a run goes on with where its CLI looks for it: what is stored, or what lies on this disk, if that is
/// the same conversation and more of it. Says what becomes of a run whose conversation is not to be had.
/// </summary>
internal sealed class ConversationKeeper(ConversationFetcher fetcher, IOptions<WorkerOptions> options)
{
    private const int MostLeftOvers = 100;

    /// <summary>Prepares it.</summary>
    /// <param name="launch">The run.</param>
    /// <param name="provider">Its CLI.</param>
    /// <param name="note">What is known of it.</param>
    /// <param name="runner">Whose worker and attach hold it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunRefusedException">It can neither go on nor be begun.</exception>
    public async Task<ConversationStart> PrepareAsync(AgentLaunch launch, IAgentProvider provider, RunNote note, IRunner runner, CancellationToken cancellationToken)
    {
        var (key, grant) = (launch.Key, launch.Grant);
        var conversation = grant.Conversation ?? Untold(key, grant);
        if (conversation is null)
        {
            Forget(provider, note, file => !provider.CanResume(file));
            return ConversationStart.New;
        }

        var path = await PutAsync(launch, provider, note, conversation, runner, cancellationToken);
        var holdsPrompt = path is not null && HasRun(key, grant) && provider.CanResume(path, conversation.EarlierBytes);
        if (!holdsPrompt)
        {
            ThrowIfDone(grant, conversation, path);
        }

        if (path is not null && provider.CanResume(path))
        {
            return new ConversationStart(path, holdsPrompt);
        }

        ThrowIfSaid(conversation, path);

        // There is no turn in what lies here, or nobody knows which: the CLI would say that its id is in use.
        Forget(provider, note, _ => true);
        return ConversationStart.New;
    }

    // A gateway that is older than the conversations it tells of, or knows of no run: what an earlier attempt left on this disk got further than that.
    private static Conversation? Untold(RunKey key, RunGrant grant) => grant.Resume || HasRun(key, grant)
        ? new Conversation { Source = ConversationSource.OwnAttempt, TranscriptBytes = 0, Earlier = new RunUsage { CostUsd = grant.SpentUsd } }
        : null;

    private static bool HasRun(RunKey key, RunGrant grant) => grant.HasRun ?? key.Attempt > 1;

    // What is stored is whole where its hash was told: then the prompt that it lacks was never given to the model.
    private static void ThrowIfDone(RunGrant grant, Conversation conversation, string? path)
    {
        var isWhole = path is not null && conversation.Sha256 is not null;
        if (grant is { Resume: true, Writes: true } && conversation.Source == ConversationSource.OwnAttempt && !isWhole)
        {
            throw new RunRefusedException(new RunFailure
            {
                Kind = FailureKinds.WorkerLost,
                Message = "The worker was lost, and with it the conversation of a run that may have changed files, so it is not begun anew. Look at what it did, then ask again.",
                Retryable = true,
            });
        }
    }

    private static void ThrowIfSaid(Conversation conversation, string? path)
    {
        var isNew = conversation.EarlierBytes == 0 && (conversation.Source == ConversationSource.OwnAttempt || path is not null);
        if (!isNew)
        {
            throw RunRefusedException.Of(
                FailureKinds.Rejected, "The conversation of this session cannot be read any more, or is none that its CLI could go on with, so nothing was started. Begin a new session.");
        }
    }

    private async Task<string?> PutAsync(AgentLaunch launch, IAgentProvider provider, RunNote note, Conversation conversation, IRunner runner, CancellationToken cancellationToken)
    {
        var found = provider.FindTranscript(note);
        using var file = TranscriptFile.In(launch.Directories.Own);
        var fetched = conversation.TranscriptBytes > 0 && await fetcher.FetchAsync(launch.Key, conversation, runner, file, cancellationToken);
        if (conversation.TranscriptBytes > 0 && !fetched)
        {
            // What lies here cannot be told from what it should be.
            return null;
        }

        file.CutTornLine();
        if (!await file.ExtendFromAsync(found, options.Value.OutputCapBytes, cancellationToken) && !fetched)
        {
            return null;
        }

        file.CutTornLine();
        if (file.Length == 0)
        {
            return null;
        }

        var place = provider.PlaceOf(note, launch.Directories, conversation, file.Path, found);
        if (place is null)
        {
            return fetched ? null : found;
        }

        Forget(provider, note, other => other != place.Path);
        SafeFile.MakeFolders(launch.Directories.Config, place.Folder);
        return SafeFile.TryReplace(place.Folder, place.Name, target => file.CopyTo(target, place)) ? place.Path : null;
    }

    // Of two files of one id nobody could tell which one the CLI takes.
    private static void Forget(IAgentProvider provider, RunNote note, Func<string, bool> which)
    {
        for (var i = 0; i < MostLeftOvers && provider.FindTranscript(note) is { } file && which(file); i++)
        {
            File.Delete(file);
        }
    }
}
