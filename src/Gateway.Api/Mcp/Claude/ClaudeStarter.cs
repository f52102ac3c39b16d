using System.Text.Json;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Starters;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Claude;

/// <summary>How jobs of Claude Code are asked for.</summary>
internal sealed class ClaudeStarter(IOptions<WorkspaceOptions> workspaces, IOptions<StarterOptions> options, McpServerRule servers, ModelCatalogue models, TimeProvider clock)
    : Starter(AgentClis.Claude, ClaudeArgumentTable.Own, workspaces, options, servers, models, clock)
{
    /// <summary>The mode in which a run asks nobody before it acts.</summary>
    public const string Bypass = "bypassPermissions";

    private const string Mode = "permissionMode";

    /// <inheritdoc/>
    public override string Title => "Claude Code";

    /// <inheritdoc/>
    public override string Permissions => "By default the agent can read but not write; acceptEdits or allowedTools let it change files in workingDir.";

    /// <inheritdoc/>
    protected override string CredentialName => "default";

    /// <inheritdoc/>
    protected override string? AddDirArgument => "addDir";

    /// <inheritdoc/>
    protected override AgentRequest Read(ParsedArguments arguments)
    {
        if (arguments.Has("systemPrompt") && arguments.Has("appendSystemPrompt"))
        {
            arguments.Faults.Add("appendSystemPrompt", "sent beside systemPrompt", "only one of systemPrompt and appendSystemPrompt", "leave one of them out");
        }

        ClaudeTools.Check(arguments);
        var asked = Asked(arguments, JsonSchemaRule.Check(arguments, "jsonSchema"), SubAgentsRule.Check(arguments));
        if (arguments.Flag(ClaudeArgumentTable.SkipPermissions) && arguments.Text(Mode) is { } named and not Bypass)
        {
            arguments.Warnings.Add(new Warning("argument_ignored", $"{ClaudeArgumentTable.SkipPermissions} has no effect: permissionMode {named} is in effect.", ClaudeArgumentTable.SkipPermissions));
        }

        return new AgentRequest
        {
            Json = JsonSerializer.Serialize(asked, JobsJson.Default.ClaudeArguments),
            Model = asked.Model,
            KeepsSession = !asked.NoSessionPersistence,
            MaxBudgetUsd = asked.MaxBudgetUsd,
            BypassesPermissions = asked.PermissionMode == Bypass,
        };
    }

    /// <inheritdoc/>
    protected override bool CanWrite(ParsedArguments arguments) => ClaudeTools.CanWrite(ModeOf(arguments), arguments.List("allowedTools"));

    /// <inheritdoc/>
    protected override IEnumerable<(string Field, string Asked)> Bypasses(ParsedArguments arguments) =>
        ModeOf(arguments) == Bypass ? [(arguments.Has(Mode) ? Mode : ClaudeArgumentTable.SkipPermissions, $"{Mode} {Bypass}")] : [];

    // A mode that was named wins over the old spelling of a bypass.
    private static string? ModeOf(ParsedArguments arguments) =>
        arguments.Text(Mode) ?? (arguments.Flag(ClaudeArgumentTable.SkipPermissions) ? Bypass : null);

    private static ClaudeArguments Asked(ParsedArguments arguments, string? schema, string? agents) => new()
    {
        Model = arguments.Text("model"),
        FallbackModel = arguments.Text("fallbackModel"),
        PermissionMode = ModeOf(arguments) is { } mode and not "default" ? mode : null,
        AllowedTools = arguments.List("allowedTools"),
        DisallowedTools = arguments.List("disallowedTools"),
        MaxTurns = (int?)arguments.Number("maxTurns"),
        MaxBudgetUsd = arguments.Amount("maxBudgetUsd"),
        Effort = arguments.Text("effort"),
        SystemPrompt = arguments.Text("systemPrompt"),
        AppendSystemPrompt = arguments.Text("appendSystemPrompt"),
        JsonSchema = schema,
        Tools = arguments.Has("tools") ? [.. arguments.List("tools").Where(name => name.Length > 0)] : null,
        AgentsJson = agents,
        Agent = arguments.Text("agent"),
        Name = arguments.Text("name"),
        NoSessionPersistence = arguments.Flag("noSessionPersistence"),
        ExcludeDynamicSystemPromptSections = arguments.Flag("excludeDynamicSystemPromptSections"),
        SafeMode = arguments.Flag("safeMode"),
        AnswersWithRecord = arguments.Text("outputFormat") == "json",
    };
}
