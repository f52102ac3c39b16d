using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Starters;

namespace Gateway.Api.Mcp.Codex;

/// <summary>The arguments that only Codex has (TOOLS.md section 5.3).</summary>
internal static class CodexArgumentTable
{
    /// <summary>What the run may touch.</summary>
    public const string SandboxMode = "sandboxMode";

    /// <summary>The old spelling of <see cref="WorkspaceWrite"/>.</summary>
    public const string FullAuto = "fullAuto";

    /// <summary>No sandbox, and nobody is asked.</summary>
    public const string BypassSandbox = "dangerouslyBypassApprovalsAndSandbox";

    /// <summary>Hooks run without having been trusted.</summary>
    public const string BypassHookTrust = "dangerouslyBypassHookTrust";

    /// <summary>Rules about commands are not read.</summary>
    public const string IgnoreRules = "ignoreRules";

    /// <summary>Schema of the answer.</summary>
    public const string OutputSchema = "outputSchema";

    /// <summary>Settings of the CLI by key.</summary>
    public const string ConfigOverrides = "configOverrides";

    /// <summary>What only an operator can open (TOOLS.md section 5.6).</summary>
    public static readonly IReadOnlyList<string> OfOperator = ["profile", ConfigOverrides, "enable", "disable", "oss", "localProvider"];

    /// <summary>Further directories that may be changed.</summary>
    public const string AddDir = "addDir";

    /// <summary>What a conversation can only be begun with.</summary>
    public static readonly IReadOnlyList<string> OfNewSessions = ["profile", "oss", "localProvider", AddDir];

    /// <summary>What the agent is shown with the prompt.</summary>
    public const string Images = "images";

    /// <summary>The mode that changes nothing.</summary>
    public const string ReadOnly = "read-only";

    /// <summary>The mode that may change the working directory.</summary>
    public const string WorkspaceWrite = "workspace-write";

    /// <summary>The mode that may change everything the worker's own walls leave.</summary>
    public const string FullAccess = "danger-full-access";

    /// <summary>The lines of the table.</summary>
    public static IReadOnlyList<ArgumentSpec> Own { get; } = [.. OfCodex(), .. OfLaterStages()];

    private static TextSpec Feature => new("feature", 1, 64) { Pattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$", PatternWords = "of A-Za-z0-9_.-" };

    private static ArgumentSpec[] OfCodex() =>
    [
        new ChoiceSpec(SandboxMode, ReadOnly, WorkspaceWrite, FullAccess) { Default = $"\"{ReadOnly}\"", Description = "workspace-write may change files in workingDir" },
        new FlagSpec(FullAuto) { Description = "Old spelling of workspace-write" },
        new FlagSpec(BypassSandbox) { Description = "Needs bypass:permissions; not with sandboxMode" },
        new FlagSpec(BypassHookTrust) { Description = "Needs bypass:permissions" },
        new FlagSpec(IgnoreRules) { Description = "Needs bypass:permissions" },
        new ObjectSpec(OutputSchema) { Confidential = true, OtherType = "string", Description = "Of the object to answer with" },
        StarterArguments.Images(Images),
        StarterArguments.Directories(AddDir),
        new FlagSpec("strictConfig"),
        new FlagSpec("ignoreUserConfig"),
        new FlagSpec(SessionWish.ResumeLatest) { Description = "Your newest session of that workingDir" },
        new FlagSpec(SessionWish.ForkSession) { Description = "A new session begins with what that one holds" },
        new ChoiceSpec("outputFormat", "text", "json") { Default = "\"text\"", Description = "json: the answer is the CLI's event stream" },
        new TextSpec("profile", 1, 64) { Pattern = "^[a-z0-9_-]{1,64}$", PatternWords = "of a-z0-9_-", Description = StarterArguments.OfOperator },
        new ObjectSpec(ConfigOverrides) { Description = StarterArguments.OfOperator },
        new ListSpec("enable", 32, Feature) { Description = StarterArguments.OfOperator },
        new ListSpec("disable", 32, Feature) { Description = StarterArguments.OfOperator },
        new FlagSpec("oss") { Description = StarterArguments.OfOperator },
        new ChoiceSpec("localProvider", "lmstudio", "ollama") { Description = StarterArguments.OfOperator },
        new FlagSpec("ephemeral") { Description = "Keeps no session" },
    ];

    /// <summary>Announced so that clients need not change later; any value but the default is refused until then.</summary>
    private static ArgumentSpec[] OfLaterStages() =>
    [
    ];
}
