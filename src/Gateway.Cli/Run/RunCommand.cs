using System.CommandLine;
using System.CommandLine.Parsing;
using Gateway.Cli.Client;
using Gateway.Cli.Terminal;
using Gateway.Contracts.Values;

namespace Gateway.Cli.Run;

/// <summary><c>gateway run PROMPT</c>: hands a prompt over, shows how far the job is, prints the answer.</summary>
internal static class RunCommand
{
    /// <summary>The command with its arguments.</summary>
    public static Command Create()
    {
        var prompt = new Argument<string>("prompt") { Description = "What the agent is asked to do; - reads it from standard input." };
        var url = new Option<Uri>("--url")
        {
            Description = "The MCP endpoint; default http://127.0.0.1:7420/mcp.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:7420/mcp"),
            CustomParser = UrlOf,
        };
        var keyFile = new Option<FileInfo>("--key-file") { Description = "File with the API key (the gateway's data folder holds api-key).", Required = true };
        var cli = new Option<string>("--cli") { Description = "Who runs it: claude, codex or gemini.", DefaultValueFactory = _ => AgentClis.Claude };
        cli.AcceptOnlyFromAmong([.. AgentClis.All]);
        var model = new Option<string?>("--model") { Description = "Model name or alias." };
        var mode = new Option<string?>("--permission-mode") { Description = "Permission mode, such as acceptEdits or plan; of Codex its sandboxMode, of Gemini CLI its approvalMode." };
        var directory = new Option<string?>("--working-dir") { Description = "Absolute directory inside a configured root." };
        var allowed = new Option<string[]>("--allowed-tool") { Description = "Tool that the agent may use without asking; may be given again." };
        var command = new Command("run", "Hand a prompt to an agent as a durable job and wait for its answer.") { prompt, url, keyFile, cli, model, mode, directory, allowed };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Whoever types it again wants another run.
            var request = new Dictionary<string, object?> { ["prompt"] = await TextOfAsync(parsed.GetRequiredValue(prompt), cancellationToken), ["forceRefresh"] = true };
            Add(request, "model", parsed.GetValue(model));
            var agent = parsed.GetRequiredValue(cli);
            Add(request, agent switch { AgentClis.Codex => "sandboxMode", AgentClis.Gemini => "approvalMode", _ => "permissionMode" }, parsed.GetValue(mode));
            Add(request, "workingDir", parsed.GetValue(directory));
            if (parsed.GetValue(allowed) is { Length: > 0 } tools)
            {
                request["allowedTools"] = tools;
            }

            return await RunAsync(parsed.GetRequiredValue(url), parsed.GetRequiredValue(keyFile), agent, request, cancellationToken);
        });
        return command;
    }

    private static Uri? UrlOf(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        result.AddError($"--url '{text}' is no http or https address, such as http://127.0.0.1:7420/mcp.");
        return null;
    }

    private static async Task<string> TextOfAsync(string prompt, CancellationToken cancellationToken) =>
        prompt == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : prompt;

    private static void Add(Dictionary<string, object?> request, string name, string? value)
    {
        if (value is not null)
        {
            request[name] = value;
        }
    }

    private static async Task<int> RunAsync(Uri url, FileInfo keyFile, string cli, Dictionary<string, object?> request, CancellationToken cancellationToken)
    {
        try
        {
            var key = (await File.ReadAllTextAsync(keyFile.FullName, cancellationToken)).Trim();
            await using var client = await GatewayClient.ConnectAsync(url, key, cancellationToken);
            return await new JobRun(client, new ProgressDisplay(Screen.OfProgress())).FollowAsync(cli, request, cancellationToken);
        }
        catch (ToolRefusedException refusal)
        {
            await Outlet.ErrorAsync(refusal.Message);
            return ExitCodes.Refused;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            await Outlet.ErrorAsync($"The gateway at {url} cannot be used: {problem.Message}");
            return ExitCodes.Unreachable;
        }
    }
}
