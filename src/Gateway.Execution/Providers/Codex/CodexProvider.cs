using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Codex;

/// <summary>Codex, run by <c>codex exec</c>.</summary>
internal sealed class CodexProvider(IOptions<CodexOptions> options, TimeProvider clock) : IAgentProvider
{
    private const string SchemaFile = "output-schema.json";

    private readonly CodexCommandLine _commandLine = new(options.Value);

    /// <inheritdoc/>
    public string Name => AgentClis.Codex;

    /// <inheritdoc/>
    public string ConfigFolder => ".codex";

    /// <inheritdoc/>
    public AgentContract Contract => new()
    {
        Program = options.Value.Program,
        SearchPath = options.Value.SearchPath,
        CredentialName = Name,
        Pages = CodexFlags.Pages,
    };

    /// <inheritdoc/>
    public RunNote Describe(RunNote note, RunGrant grant)
    {
        var asked = CodexGrant.Arguments(grant);
        return note with { WantsStructuredOutput = asked.OutputSchema is not null, OutputSchemaJson = asked.OutputSchema, AnswersWithRecord = asked.AnswersWithEvents };
    }

    /// <inheritdoc/>
    public AgentCommand Command(AgentLaunch launch)
    {
        CodexMcpConfig.ThrowUnlessOwn(launch);
        var installed = CodexInstallation.At(ProgramPath.Of(options.Value.Program, options.Value.SearchPath, Name));
        var given = CodexGrant.Arguments(launch.Grant);
        var asked = given with { AddDirs = [.. given.AddDirs, .. launch.Directories.AddDirs], Images = [.. given.Images, .. launch.Directories.Images] };
        var thread = launch.Resumes && CodexRollout.FindNewest(launch.Directories.Config) is { } rollout ? CodexRollout.IdOf(rollout) : null;
        var schema = asked.OutputSchema is null ? null : Path.Combine(launch.Directories.Temporary, SchemaFile);
        return _commandLine.Build(launch, asked, thread, schema) with
        {
            Program = installed.Program,
            ReadOnlyPaths = installed.Folder is { } folder ? [folder] : [],
        };
    }

    /// <inheritdoc/>
    public void Prepare(AgentLaunch launch)
    {
        if (launch.McpServers.Count > 0)
        {
            CodexMcpConfig.Write(launch);
        }

        if (CodexGrant.Arguments(launch.Grant).OutputSchema is { } schema && !SafeFile.TryReplace(launch.Directories.Temporary, SchemaFile, Encoding.UTF8.GetBytes(schema)))
        {
            throw RunRefusedException.Of(FailureKinds.Rejected, "The folder of temporary files of this job is no folder any more, so its outputSchema cannot be handed over. Ask again.");
        }
    }

    /// <inheritdoc/>
    public IAgentReader CreateReader(RunNote note) => new CodexStreamReader(note, clock);

    /// <inheritdoc/>
    public string? FindTranscript(RunNote note) => note.ConfigIsOwn ? CodexRollout.FindNewest(note.ConfigDirectory) : null;

    /// <inheritdoc/>
    public bool CanResume(string path, long fromBytes = 0) => CodexRollout.HasPrompt(path, fromBytes);

    /// <inheritdoc/>
    public TranscriptPlace? PlaceOf(RunNote note, RunDirectories directories, Conversation conversation, string transcript, string? found)
    {
        if (!note.ConfigIsOwn || CodexRollout.IdWithin(transcript) is not { } written || (conversation.ProviderSessionId is { } told && told != written))
        {
            return null;
        }

        if (conversation.WrittenAs is not null)
        {
            return CodexRollout.PlaceOf(directories.Config, note.SessionId) with { OldId = written, NewId = note.SessionId };
        }

        return found is not null && CodexRollout.IdOf(found) == written
            ? new TranscriptPlace(Path.GetDirectoryName(found) ?? directories.Config, Path.GetFileName(found))
            : CodexRollout.PlaceOf(directories.Config, written);
    }

    /// <inheritdoc/>
    public ConversationTokens? TokensOf(string path) => CodexRollout.LastTokens(path);
}
