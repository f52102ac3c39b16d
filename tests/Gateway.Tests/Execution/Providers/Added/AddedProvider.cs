using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Execution.Providers.Added;

/// <summary>A CLI that the product does not know, in a folder of its own: all that has to be written for one.</summary>
internal sealed class AddedProvider(IOptions<AddedOptions> options, TimeProvider clock) : IAgentProvider
{
    private readonly AddedCommandLine commandLine = new(options.Value);

    public string Name => "added";

    public string ConfigFolder => ".added";

    public RunNote Describe(RunNote note, RunGrant grant) => note;

    public AgentCommand Command(AgentLaunch launch) => commandLine.Build(launch);

    public IAgentReader CreateReader(RunNote note) => new AddedStreamReader(clock);

    public string? FindTranscript(RunNote note) => Directory.Exists(note.ConfigDirectory)
        ? Directory.EnumerateFiles(note.ConfigDirectory, $"{note.SessionId:d}.jsonl", SearchOption.AllDirectories).FirstOrDefault()
        : null;

    public bool CanResume(string path, long fromBytes = 0) => new FileInfo(path).Length > fromBytes;
}
