using System.CommandLine;
using Gateway.Cli.Terminal;
using Gateway.Hosting.Settings;

namespace Gateway.Cli.Admin;

/// <summary>The options that every operator's command has, and the one way to run it.</summary>
internal sealed class AdminOptions
{
    private readonly Option<string?> folder = new("--data-folder") { Description = "Data folder of the gateway; default: the setting Data:Folder's own default.", Recursive = true };
    private readonly Option<bool> json = new("--json") { Description = "Print the gateway's record instead of a table.", Recursive = true };

    /// <summary>Gives a command the options.</summary>
    public Command On(Command command)
    {
        command.Add(folder);
        command.Add(json);
        return command;
    }

    /// <summary>The data folder that is meant.</summary>
    public string FolderOf(ParseResult parsed) => GatewaySettings.DataFolder(parsed.GetValue(folder));

    /// <summary>The data folder that was named; null when none was.</summary>
    public string? GivenFolderOf(ParseResult parsed) => parsed.GetValue(folder) is { Length: > 0 } given ? GatewaySettings.DataFolder(given) : null;

    /// <summary>The screen that is meant.</summary>
    public Screen ScreenOf(ParseResult parsed) => Screen.Of(parsed.GetValue(json));

    /// <summary>Runs against the gateway of the data folder; what it refuses, and its absence, become a line and an exit code.</summary>
    public void Run(Command command, Func<ParseResult, AdminClient, Screen, CancellationToken, Task<int>> work) => command.SetAction(async (parsed, cancellationToken) =>
    {
        try
        {
            using var client = new AdminClient(FolderOf(parsed));
            return await work(parsed, client, ScreenOf(parsed), cancellationToken);
        }
        catch (AdminRefusedException refusal)
        {
            await Outlet.ErrorAsync(refusal.Message);
            return ExitCodes.Refused;
        }
        catch (HttpRequestException problem)
        {
            await Outlet.ErrorAsync($"No gateway answers in the data folder {FolderOf(parsed)}: {problem.InnerException?.Message ?? problem.Message}. Is it running, and are you its user? See gateway doctor.");
            return ExitCodes.Unreachable;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    });
}
