using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Claude;

/// <summary>Claude Code in print mode.</summary>
internal sealed class ClaudeProvider(IOptions<ClaudeOptions> options, TimeProvider clock) : IAgentProvider
{
    private const int LookedThroughBytes = 1024 * 1024;

    private readonly ClaudeCommandLine _commandLine = new(options.Value);

    /// <inheritdoc/>
    public string Name => AgentClis.Claude;

    /// <inheritdoc/>
    public string ConfigFolder => ".claude";

    /// <inheritdoc/>
    public RunNote Describe(RunNote note, RunGrant grant) => note with
    {
        WantsStructuredOutput = grant.Claude?.JsonSchema is not null,
        AnswersWithRecord = grant.Claude?.AnswersWithRecord ?? false,
    };

    /// <inheritdoc/>
    public AgentCommand Command(AgentLaunch launch) => _commandLine.Build(launch) with { Program = ProgramPath.Of(options.Value.Program, options.Value.SearchPath, Name) };

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
    public bool CanResume(string path)
    {
        using var file = SafeFile.OpenRead(path);
        if (file is null)
        {
            return false;
        }

        var head = new byte[Math.Min(file.Length, LookedThroughBytes)];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) > 0
            && (head.AsSpan().IndexOf("\"type\":\"user\""u8) >= 0 || head.AsSpan().IndexOf("\"type\":\"assistant\""u8) >= 0);
    }
}
