using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Settings;

/// <summary><c>gateway config</c>: whether a program would start with its settings.</summary>
internal static class ConfigCommand
{
    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options, HouseSettings settings)
    {
        var command = options.On(new Command("config", $"Look at settings. {ExitCodes.Words}"));
        var given = new SettingsArgument();
        var worker = WorkerOption();
        var validate = given.On(new Command("validate", "Say everything that is wrong with the settings of a gateway or a worker. Nothing is started, made or connected to.") { worker });
        validate.SetAction(parsed =>
        {
            var faults = settings.FaultsOf(parsed.GetValue(worker), given.Of(parsed, options.GivenFolderOf(parsed)));
            var record = new JsonObject { ["valid"] = faults.Count == 0, ["faults"] = new JsonArray([.. faults.Select(fault => JsonValue.Create(fault))]) };
            options.ScreenOf(parsed).Show(record, [faults.Count == 0 ? "The settings are right." : "WRONG SETTINGS"], faults.Select(fault => (string?[])[fault]));
            return faults.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        command.Add(validate);
        return command;
    }

    /// <summary>Which program is meant.</summary>
    public static Option<bool> WorkerOption() => new("--worker") { Description = "Of a worker (Gateway.Worker) instead of a gateway (Gateway.Api)." };
}
