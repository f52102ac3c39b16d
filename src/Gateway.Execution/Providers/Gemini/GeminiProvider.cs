using System.Text;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>Gemini CLI without a terminal.</summary>
internal sealed class GeminiProvider(IOptions<GeminiOptions> options, TimeProvider clock) : IAgentProvider
{
    // An agent can make folders without end there.
    private const int MostLookedAt = 4096;

    private const int MostFoldersUp = 2;

    // Id, time and type stand before the content of a turn.
    private const int TurnStartBytes = 512;

    private readonly GeminiCommandLine _commandLine = new(options.Value);
    private readonly GeminiSettings _settings = new(options.Value);

    /// <inheritdoc/>
    public string Name => AgentClis.Gemini;

    /// <inheritdoc/>
    public string ConfigFolder => ".gemini";

    /// <inheritdoc/>
    public AgentContract Contract => new()
    {
        Program = options.Value.Program,
        SearchPath = options.Value.SearchPath,
        CredentialName = Name,
        Pages = GeminiFlags.Pages,
    };

    /// <inheritdoc/>
    public RunNote Describe(RunNote note, RunGrant grant) => note with { AnswersWithRecord = GeminiJson.Read(grant.ArgumentsJson).AnswersWithRecord };

    /// <inheritdoc/>
    public AgentCommand Command(AgentLaunch launch)
    {
        if (launch.McpServers.Count > 0 && launch.Credential.Kind == CredentialKind.Login)
        {
            throw RunRefusedException.Of(
                FailureKinds.Rejected,
                $"Gemini CLI has MCP servers only in settings of its own, and credential '{launch.Credential.Name}' is the user's own login. Make it one of the kind api_key or helper on the worker, or leave mcpServers out.");
        }

        var program = ProgramPath.Of(options.Value.Program, options.Value.SearchPath, Name);
        return _commandLine.Build(launch) with { Program = program, ReadOnlyPaths = [.. NeedsOf(program)] };
    }

    /// <inheritdoc/>
    public void Prepare(AgentLaunch launch)
    {
        if (launch.Credential.Kind != CredentialKind.Login)
        {
            _settings.WriteTo(launch.Directories.Config, launch.McpServers);
        }
    }

    /// <inheritdoc/>
    public IAgentReader CreateReader(RunNote note) => new GeminiStreamReader(note, clock);

    /// <inheritdoc/>
    public string? FindTranscript(RunNote note)
    {
        // The folder is named after the working directory, the file after its time and the first part of the id: the whole id is in its
        // first line. A run that goes on begins a second file of the same id, in which nothing is said.
        var projects = Path.Combine(note.ConfigDirectory, "tmp");
        var name = $"session-*-{note.SessionId.ToString("d")[..8]}.jsonl";
        return Directory.Exists(projects)
            ? Directory.EnumerateDirectories(projects)
                .Take(MostLookedAt)
                .Select(project => Path.Combine(project, "chats"))
                .Where(Directory.Exists)
                .SelectMany(chats => Directory.EnumerateFiles(chats, name).Take(MostLookedAt))
                .Where(file => Head(file, 4096).IndexOf(Encoding.ASCII.GetBytes($"\"sessionId\":\"{note.SessionId:d}\"")) >= 0)
                .OrderByDescending(file => CanResume(file))
                .FirstOrDefault()
            : null;
    }

    /// <inheritdoc/>
    public bool CanResume(string path, long fromBytes = 0) => GeminiChat.HoldsTurn(path, fromBytes);

    /// <inheritdoc/>
    public TranscriptPlace? PlaceOf(RunNote note, RunDirectories directories, Conversation conversation, string transcript, string? found)
    {
        if (found is not null)
        {
            return new TranscriptPlace(Path.GetDirectoryName(found) ?? directories.Config, Path.GetFileName(found));
        }

        if (!note.ConfigIsOwn)
        {
            // Which folder of the user's home stands for the directory, the CLI alone knows.
            return null;
        }

        GeminiProject.Register(directories);
        return new TranscriptPlace(Path.Combine(GeminiProject.FolderOf(directories), "chats"), $"session-2000-01-01T00-00-{note.SessionId.ToString("d")[..8]}.jsonl");
    }

    private static ReadOnlySpan<byte> Head(string path, int bytes)
    {
        using var file = SafeFile.OpenRead(path);
        var head = new byte[Math.Min(file?.Length ?? 0, bytes)];
        return head.AsSpan(0, file?.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) ?? 0);
    }

    private IEnumerable<string> NeedsOf(string program)
    {
        if (PackageOf(program) is { } package)
        {
            yield return package;
            var node = options.Value.SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => RealPath.Of(Path.Combine(folder, "node")))
                .FirstOrDefault(file => file is not null);
            if (node is not null)
            {
                yield return node;
            }
        }
    }

    // The program is a script that cannot run without the files beside it: those of its package, whose root is one or two folders above it.
    private static string? PackageOf(string program)
    {
        var folder = Path.GetDirectoryName(RealPath.Of(program));
        for (var up = 0; up <= MostFoldersUp && folder is not (null or "/"); up++)
        {
            if (File.Exists(Path.Combine(folder, "package.json")))
            {
                return folder;
            }

            folder = Path.GetDirectoryName(folder);
        }

        return null;
    }
}
