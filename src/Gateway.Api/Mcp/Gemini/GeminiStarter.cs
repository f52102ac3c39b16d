using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Starters;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Gemini;

/// <summary>How jobs of Gemini CLI are asked for.</summary>
internal sealed partial class GeminiStarter(IOptions<WorkspaceOptions> workspaces, IOptions<StarterOptions> options, McpServerRule servers, ModelCatalogue models, TimeProvider clock)
    : Starter(AgentClis.Gemini, GeminiArgumentTable.Own, workspaces, options, servers, models, clock)
{
    private const string Mode = GeminiArgumentTable.Mode;
    private const string Yolo = GeminiArgumentTable.Yolo;

    /// <inheritdoc/>
    public override string Title => "Gemini CLI";

    /// <inheritdoc/>
    public override string Permissions => "By default the agent can read but not write; approvalMode auto_edit or allowedTools let it change files in workingDir.";

    /// <inheritdoc/>
    protected override string? AddDirArgument => "includeDirs";

    /// <inheritdoc/>
    protected override AgentRequest Read(ParsedArguments arguments)
    {
        if (arguments.Flag(Yolo) && arguments.Text(Mode) is { } named and not Yolo)
        {
            arguments.Warnings.Add(new Warning("argument_ignored", $"{Yolo} has no effect: {Mode} {named} is in effect.", Yolo));
        }

        OperatorRule.Check(arguments, Options, Cli, GeminiArgumentTable.Sandbox);
        var asked = new GeminiArguments
        {
            Model = arguments.Text("model"),
            ApprovalMode = ModeOf(arguments) is { } mode and not "default" ? mode : null,
            AllowedTools = arguments.List("allowedTools"),
            Sandbox = arguments.Flag(GeminiArgumentTable.Sandbox),
            AnswersWithRecord = arguments.Text("outputFormat") == "json",
        };
        return new AgentRequest
        {
            Json = JsonSerializer.Serialize(asked, AskedJson.Default.GeminiArguments),
            Model = asked.Model,
            BypassesPermissions = asked.ApprovalMode == Yolo,
        };
    }

    /// <inheritdoc/>
    protected override bool CanWrite(ParsedArguments arguments) => ModeOf(arguments) is "auto_edit" or Yolo || arguments.List("allowedTools").Count > 0;

    /// <inheritdoc/>
    protected override IEnumerable<(string Field, string Asked)> Bypasses(ParsedArguments arguments) =>
        ModeOf(arguments) == Yolo ? [(arguments.Has(Mode) ? Mode : Yolo, $"{Mode} {Yolo}")] : [];

    // A mode that was named wins over the old spelling.
    private static string? ModeOf(ParsedArguments arguments) => arguments.Text(Mode) ?? (arguments.Flag(Yolo) ? Yolo : null);

    /// <summary>The arguments as the worker reads them.</summary>
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(GeminiArguments))]
    private sealed partial class AskedJson : JsonSerializerContext;
}
