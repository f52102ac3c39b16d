using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Settings;

/// <summary><c>gateway config</c>: whether a program would start with its settings, and what they are.</summary>
internal static class ConfigCommand
{
    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options, HouseSettings settings)
    {
        var command = options.On(new Command("config", $"Look at settings. {ExitCodes.Words}"));
        command.Add(Validate(options, settings));
        command.Add(Show(options, settings));
        return command;
    }

    private static Command Validate(AdminOptions options, HouseSettings settings)
    {
        var (given, worker) = (new SettingsArgument(), WorkerOption());
        var validate = given.On(new Command("validate", "Say everything that is wrong with the settings of a gateway or a worker. Nothing is started, made or connected to.") { worker });
        validate.SetAction(parsed =>
        {
            var asked = given.Of(parsed, options.GivenFolderOf(parsed));
            var faults = settings.FaultsOf(parsed.GetValue(worker), asked);
            var warnings = settings.ReportOf(parsed.GetValue(worker), asked).Warnings.Except(faults, StringComparer.Ordinal).ToList();
            var record = new JsonObject { ["valid"] = faults.Count == 0, ["faults"] = List(faults), ["warnings"] = List(warnings) };
            options.ScreenOf(parsed).Show(
                record,
                [faults.Count == 0 ? "The settings are right." : "WRONG SETTINGS"],
                [.. faults.Select(fault => (string?[])[fault]), .. warnings.Select(warning => (string?[])[$"Warning: {warning}"])]);
            return faults.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return validate;
    }

    private static Command Show(AdminOptions options, HouseSettings settings)
    {
        var (given, worker) = (new SettingsArgument(), WorkerOption());
        var show = given.On(new Command("show", "Every setting of a gateway or a worker with its value and who has set it; secrets are masked. Nothing is started, made or connected to.") { worker });
        show.SetAction(parsed =>
        {
            var report = settings.ReportOf(parsed.GetValue(worker), given.Of(parsed, options.GivenFolderOf(parsed)));
            var record = new JsonObject
            {
                ["settings"] = new JsonArray([.. report.Settings.Select(line => new JsonObject { ["key"] = line.Key, ["value"] = line.Value, ["source"] = line.Source })]),
                ["warnings"] = List(report.Warnings),
            };
            options.ScreenOf(parsed).Show(
                record,
                ["SETTING", "VALUE", "SET BY"],
                [.. report.Settings.Select(line => (string?[])[line.Key, line.Value ?? "-", line.Source]), .. report.Warnings.Select(warning => (string?[])[$"Warning: {warning}", "", ""])]);
            return ExitCodes.Done;
        });
        return show;
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    /// <summary>Which program is meant.</summary>
    public static Option<bool> WorkerOption() => new("--worker") { Description = "Of a worker (Gateway.Worker) instead of a gateway (Gateway.Api)." };
}
