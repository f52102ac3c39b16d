using System.Text;
using System.Text.Json;
using Gateway.Execution.Providers;

namespace Gateway.Tests.Execution.Providers.Added;

/// <summary>The argument vector, environment and standard input of one run.</summary>
internal sealed class AddedCommandLine(AddedOptions options)
{
    public AgentCommand Build(AgentLaunch launch)
    {
        var argv = new Argv(["-p", "--output-format", "stream-json", "--verbose"]);
        argv.Name("--model", ModelOf(launch.Grant.ArgumentsJson));
        argv.Value(launch.Resumes ? "--resume" : "--session-id", launch.Grant.SessionId.ToString("d"));
        return new AgentCommand
        {
            Program = options.Program,
            Arguments = argv.Words,
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = launch.Directories.Home,
                ["TMPDIR"] = launch.Directories.Temporary,
                ["CLAUDE_CONFIG_DIR"] = launch.Directories.Config,
                ["ANTHROPIC_API_KEY"] = launch.Credential.Value ?? "",
            },
            Stdin = Encoding.UTF8.GetBytes(launch.Continues ? Continuation.Prompt : launch.Grant.Prompt),
        };
    }

    private static string? ModelOf(string? arguments)
    {
        using var asked = JsonDocument.Parse(arguments ?? "{}");
        return asked.RootElement.TryGetProperty("model", out var model) ? model.GetString() : null;
    }
}
