using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Claude;

/// <summary>Claude Code in print mode.</summary>
internal sealed class ClaudeProvider(IOptions<ClaudeOptions> options, TimeProvider clock) : IAgentProvider
{
    // The kind of a line stands before its text, which may be long.
    private const int LineStartBytes = 16 * 1024;

    // A name of a folder holds 255 bytes; the CLI looks through all of them.
    private const int LongestSlug = 200;

    private readonly ClaudeCommandLine _commandLine = new(options.Value);

    /// <inheritdoc/>
    public string Name => AgentClis.Claude;

    /// <inheritdoc/>
    public string ConfigFolder => ".claude";

    /// <inheritdoc/>
    public AgentContract Contract => new()
    {
        Program = options.Value.Program,
        SearchPath = options.Value.SearchPath,
        CredentialName = CredentialsOptions.Default,
        Pages = ClaudeFlags.Pages,
    };

    /// <inheritdoc/>
    public RunNote Describe(RunNote note, RunGrant grant) => note with
    {
        WantsStructuredOutput = grant.Claude?.JsonSchema is not null,
        AnswersWithRecord = grant.Claude?.AnswersWithRecord ?? false,
    };

    /// <inheritdoc/>
    public AgentCommand Command(AgentLaunch launch) => _commandLine.Build(launch) with { Program = ProgramPath.Of(options.Value.Program, options.Value.SearchPath, Name) };

    /// <inheritdoc/>
    public void Prepare(AgentLaunch launch)
    {
        if (launch.McpServers.Count > 0)
        {
            ClaudeMcpConfig.Write(launch);
        }
    }

    /// <inheritdoc/>
    public IAgentReader CreateReader(RunNote note) => new ClaudeStreamReader(note, clock);

    /// <inheritdoc/>
    public string? FindTranscript(RunNote note)
    {
        // The folder is named after the directory in which the CLI saw itself, so it is looked for by the id.
        var projects = Path.Combine(note.ConfigDirectory, "projects");
        return Directory.Exists(projects)
            ? Directory.EnumerateDirectories(projects)
                .Select(project => Path.Combine(project, $"{note.SessionId:d}.jsonl"))
                .FirstOrDefault(File.Exists)
            : null;
    }

    /// <inheritdoc/>
    public bool CanResume(string path, long fromBytes = 0) => TranscriptLines.Any(
        path, fromBytes, LineStartBytes, line => line.IndexOf("\"type\":\"user\""u8) >= 0 || line.IndexOf("\"type\":\"assistant\""u8) >= 0);

    /// <inheritdoc/>
    public TranscriptPlace? PlaceOf(RunNote note, RunDirectories directories, Conversation conversation, string transcript, string? found)
    {
        var slug = string.Concat(directories.Work.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        var folder = Path.GetDirectoryName(found) ?? Path.Combine(directories.Config, "projects", slug.Length > LongestSlug ? slug[..LongestSlug] : slug);
        return new TranscriptPlace(folder, $"{note.SessionId:d}.jsonl", conversation.WrittenAs, note.SessionId);
    }
}
