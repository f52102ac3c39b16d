using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;

namespace Gateway.Execution.Providers;

/// <summary>All that differs between one agent CLI and another. One instance serves every run of its CLI.</summary>
public interface IAgentProvider
{
    /// <summary>Name in queues, rows and tools, such as <c>claude</c>.</summary>
    string Name { get; }

    /// <summary>Name of the folder in a run's home that holds the CLI's settings and conversations, such as <c>.claude</c>.</summary>
    string ConfigFolder { get; }

    /// <summary>What its command line relies on; null where nothing is declared, and then nothing is looked at.</summary>
    AgentContract? Contract => null;

    /// <summary>Adds what a reader will have to know of the arguments, for the whole life of the run.</summary>
    /// <param name="note">What is known of the run.</param>
    /// <param name="grant">What the run may do.</param>
    /// <exception cref="RunRefusedException">The arguments cannot be read.</exception>
    RunNote Describe(RunNote note, RunGrant grant);

    /// <summary>What is started for a run.</summary>
    /// <param name="launch">The run, its directories and its credential.</param>
    /// <exception cref="RunRefusedException">The run cannot be started as stated.</exception>
    AgentCommand Command(AgentLaunch launch);

    /// <summary>Puts in order what a run finds in its home; called after <see cref="Command"/>, of a run that is going to be started.</summary>
    /// <param name="launch">The run, its directories and its credential.</param>
    /// <exception cref="RunRefusedException">The run cannot be started as stated.</exception>
    void Prepare(AgentLaunch launch)
    {
    }

    /// <summary>A reader for the standard output of one run, to be fed from byte 0.</summary>
    /// <param name="note">What is known of the run.</param>
    IAgentReader CreateReader(RunNote note);

    /// <summary>Path of the conversation file of a run, or null when there is none yet.</summary>
    /// <param name="note">What is known of the run.</param>
    string? FindTranscript(RunNote note);

    /// <summary>Whether a prompt stands in the conversation file: without one there is nothing to be gone on with.</summary>
    /// <param name="path">From <see cref="FindTranscript"/>.</param>
    /// <param name="fromBytes">Only what follows so many bytes is looked at; the start of a line.</param>
    /// <returns>False when no turn of the conversation was written there.</returns>
    bool CanResume(string path, long fromBytes = 0);

    /// <summary>Where the CLI will look for a conversation that another run wrote; makes what else it needs in order to find it.</summary>
    /// <param name="note">What is known of the run.</param>
    /// <param name="directories">Where the run works and lives.</param>
    /// <param name="conversation">What the run was told of it.</param>
    /// <param name="transcript">Path of the conversation, outside the CLI's folder.</param>
    /// <param name="found">From <see cref="FindTranscript"/>: what an earlier attempt left here; null for nothing.</param>
    /// <returns>Null when this is no conversation that the CLI could find there.</returns>
    TranscriptPlace? PlaceOf(RunNote note, RunDirectories directories, Conversation conversation, string transcript, string? found) => null;

    /// <summary>Tokens of a conversation so far, for a CLI whose count runs on when it is resumed.</summary>
    /// <param name="path">From <see cref="FindTranscript"/>.</param>
    /// <returns>Null where each run is counted for itself, or the count cannot be read.</returns>
    ConversationTokens? TokensOf(string path) => null;
}
