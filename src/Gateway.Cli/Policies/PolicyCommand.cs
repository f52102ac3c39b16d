using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;
using Gateway.Policies;
using Gateway.Policies.Documents;

namespace Gateway.Cli.Policies;

/// <summary>What a policy alone says of a call: policy, label of the grant, tool and arguments; null for a tool that does not exist.</summary>
internal delegate Task<JsonObject?> ExplainCall(Policy policy, string label, string tool, JsonElement arguments, CancellationToken cancellationToken);

/// <summary><c>gateway policy</c>: policy files before they are in force, and what is in force.</summary>
internal static class PolicyCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The command with its own commands.</summary>
    /// <param name="options">The data folder, and how to print.</param>
    /// <param name="tools">The tools of a gateway of this version; asked by those commands alone that need them.</param>
    /// <param name="explain">What a policy alone says of a call.</param>
    public static Command Create(AdminOptions options, Func<ToolCatalog> tools, ExplainCall explain)
    {
        var command = options.On(new Command("policy", $"Check policy files, try them on cases, and ask what they say of a call. {ExitCodes.Words}"));
        command.Add(CheckCommand.Create(options, tools));
        command.Add(Schema(options, tools));
        command.Add(CasesCommand.Create(options, tools));
        command.Add(ExplainCommand.Create(options, tools, explain));
        return command;
    }

    private static Command Schema(AdminOptions options, Func<ToolCatalog> tools)
    {
        var command = new Command("schema", "Print the JSON Schema of a policy file, for editors. Name its place in $schema of the file.");
        command.SetAction(parsed =>
        {
            options.ScreenOf(parsed).Whole(PolicySchema.Of(tools()).ToJsonString(Indented));
            return ExitCodes.Done;
        });
        return command;
    }
}
