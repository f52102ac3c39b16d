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

namespace Gateway.Api.Mcp.Codex;

/// <summary>How jobs of Codex are asked for.</summary>
internal sealed class CodexStarter(IOptions<WorkspaceOptions> workspaces, IOptions<StarterOptions> options, McpServerRule servers, ModelCatalogue models, TimeProvider clock)
    : Starter(AgentClis.Codex, CodexArgumentTable.Own, workspaces, options, servers, models, clock)
{
    /// <inheritdoc/>
    public override string Title => "Codex";

    /// <inheritdoc/>
    public override string Permissions => "By default the agent can read but not write; sandboxMode workspace-write lets it change files in workingDir.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> OfNewSessions => CodexArgumentTable.OfNewSessions;

    /// <inheritdoc/>
    protected override string? AddDirArgument => CodexArgumentTable.AddDir;

    /// <inheritdoc/>
    protected override string? ImagesArgument => CodexArgumentTable.Images;

    /// <inheritdoc/>
    protected override AgentRequest Read(ParsedArguments arguments)
    {
        if (arguments.Has(CodexArgumentTable.SandboxMode) && arguments.Flag(CodexArgumentTable.BypassSandbox))
        {
            arguments.Faults.Add(CodexArgumentTable.SandboxMode, "sent beside " + CodexArgumentTable.BypassSandbox, $"only one of {CodexArgumentTable.SandboxMode} and {CodexArgumentTable.BypassSandbox}", "leave one of them out");
        }

        OperatorRule.Check(arguments, Options, Cli, CodexArgumentTable.OfOperator);
        if (arguments.List(CodexArgumentTable.AddDir).Count > 0 && ModeOf(arguments) != CodexArgumentTable.WorkspaceWrite)
        {
            arguments.Faults.Add(CodexArgumentTable.AddDir, "sent", $"only with {CodexArgumentTable.SandboxMode} {CodexArgumentTable.WorkspaceWrite}", $"send {CodexArgumentTable.SandboxMode} {CodexArgumentTable.WorkspaceWrite}, or leave it out");
        }

        var asked = Asked(arguments, ConfigOverridesRule.Check(arguments), JsonSchemaRule.Check(arguments, CodexArgumentTable.OutputSchema));
        if (arguments.Flag(CodexArgumentTable.FullAuto) && asked.SandboxMode != CodexArgumentTable.WorkspaceWrite)
        {
            var instead = asked.BypassApprovalsAndSandbox ? CodexArgumentTable.BypassSandbox : $"{CodexArgumentTable.SandboxMode} {asked.SandboxMode ?? CodexArgumentTable.ReadOnly}";
            arguments.Warnings.Add(new Warning("argument_ignored", $"{CodexArgumentTable.FullAuto} has no effect: {instead} is in effect.", CodexArgumentTable.FullAuto));
        }

        return new AgentRequest
        {
            Json = JsonSerializer.Serialize(asked, CodexRequestJson.Default.CodexArguments),
            Model = asked.Model,
            KeepsSession = !asked.Ephemeral,
            BypassesPermissions = Bypasses(arguments).Any(),
        };
    }

    /// <inheritdoc/>
    protected override bool CanWrite(ParsedArguments arguments) => arguments.Flag(CodexArgumentTable.BypassSandbox) || ModeOf(arguments) is not null;

    /// <inheritdoc/>
    protected override IEnumerable<(string Field, string Asked)> Bypasses(ParsedArguments arguments)
    {
        if (ModeOf(arguments) == CodexArgumentTable.FullAccess)
        {
            yield return (CodexArgumentTable.SandboxMode, $"{CodexArgumentTable.SandboxMode} {CodexArgumentTable.FullAccess}");
        }

        foreach (var flag in ((string[])[CodexArgumentTable.BypassSandbox, CodexArgumentTable.BypassHookTrust, CodexArgumentTable.IgnoreRules]).Where(arguments.Flag))
        {
            yield return (flag, flag);
        }
    }

    // A mode that was named wins over the old spelling. Null for the one that changes nothing.
    private static string? ModeOf(ParsedArguments arguments) =>
        (arguments.Text(CodexArgumentTable.SandboxMode) ?? (arguments.Flag(CodexArgumentTable.FullAuto) ? CodexArgumentTable.WorkspaceWrite : null)) is { } mode and not CodexArgumentTable.ReadOnly ? mode : null;

    private static CodexArguments Asked(ParsedArguments arguments, IReadOnlyDictionary<string, string> overrides, string? schema)
    {
        var bypass = arguments.Flag(CodexArgumentTable.BypassSandbox);
        return new CodexArguments
        {
            Model = arguments.Text("model"),
            SandboxMode = bypass ? null : ModeOf(arguments),
            BypassApprovalsAndSandbox = bypass,
            BypassHookTrust = arguments.Flag(CodexArgumentTable.BypassHookTrust),
            IgnoreRules = arguments.Flag(CodexArgumentTable.IgnoreRules),
            OutputSchema = schema,
            Profile = arguments.Text("profile"),
            ConfigOverrides = overrides,
            Enable = arguments.List("enable"),
            Disable = arguments.List("disable"),
            Oss = arguments.Flag("oss"),
            LocalProvider = arguments.Text("localProvider"),
            AnswersWithEvents = arguments.Text("outputFormat") == "json",
            StrictConfig = arguments.Flag("strictConfig"),
            IgnoreUserConfig = arguments.Flag("ignoreUserConfig"),
            Ephemeral = arguments.Flag("ephemeral"),
        };
    }
}

/// <summary>The wire form of the arguments, which the worker reads strictly: what has its default is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CodexArguments))]
internal sealed partial class CodexRequestJson : JsonSerializerContext;
