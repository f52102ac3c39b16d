using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;
using Gateway.Policies;

namespace Gateway.Cli.Policies;

/// <summary><c>gateway policy check</c>: whether a file would be loaded, before it is.</summary>
internal static class CheckCommand
{
    private const int Warned = 2;

    /// <summary>The command.</summary>
    public static Command Create(AdminOptions options, Func<ToolCatalog> tools)
    {
        var file = new Argument<string>("file") { Description = "The policy file." };
        var grants = new Option<string?>("--grants") { Description = "A grants file that is checked with it. The policies that it names are read beside it; FILE stands for the one of its name." };
        var strict = new Option<bool>("--fail-on-warning") { Description = "Exit code 2 when there are warnings and no errors." };
        var command = new Command("check", "Load a policy file as a gateway would: its errors and warnings, its hash and its normal form. Exit code 0 fine, 1 errors, 2 warnings with --fail-on-warning.") { file, grants, strict };
        command.SetAction(parsed =>
        {
            var found = PolicyCheck.Of(parsed.GetRequiredValue(file), parsed.GetValue(grants), tools());
            Show(options.ScreenOf(parsed), found);
            return found switch
            {
                { Faults.Count: > 0 } => ExitCodes.Failed,
                { Warnings.Count: > 0 } when parsed.GetValue(strict) => Warned,
                _ => ExitCodes.Done,
            };
        });
        return command;
    }

    private static void Show(Screen screen, PolicyCheck found)
    {
        if (screen.AsJson)
        {
            screen.Whole(RecordOf(found).ToJsonString());
            return;
        }

        foreach (var line in found.Faults.Select(fault => $"error   {fault}").Concat(found.Warnings.Select(warning => $"warning {warning}")))
        {
            screen.Whole(PlainText.Line(line));
        }

        if (found.Policy is { } policy)
        {
            screen.Whole(PlainText.Line($"policy  {policy.Name} {policy.Hash}"));
            screen.Whole(policy.NormalizedText);
        }
    }

    private static JsonObject RecordOf(PolicyCheck found) => new()
    {
        ["valid"] = found.Faults.Count == 0,
        ["faults"] = new JsonArray([.. found.Faults.Select(fault => new JsonObject
        {
            ["file"] = fault.File,
            ["pointer"] = fault.Pointer,
            ["line"] = fault.Line,
            ["column"] = fault.Column,
            ["message"] = fault.Message,
        })]),
        ["warnings"] = new JsonArray([.. found.Warnings.Select(warning => new JsonObject { ["code"] = warning.Code, ["file"] = warning.File, ["pointer"] = warning.Pointer, ["message"] = warning.Message })]),
        ["policy"] = found.Policy?.Name,
        ["policyHash"] = found.Policy?.Hash,
        ["normalizedText"] = found.Policy?.NormalizedText,
    };
}
