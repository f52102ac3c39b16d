using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Starters;

namespace Gateway.Api.Mcp.Gemini;

/// <summary>The arguments that only Gemini CLI has (TOOLS.md section 5.4).</summary>
internal static class GeminiArgumentTable
{
    /// <summary>How much a run may do without asking.</summary>
    public const string Mode = "approvalMode";

    /// <summary>The mode in which a run asks nobody before it acts, and its old spelling.</summary>
    public const string Yolo = "yolo";

    /// <summary>The CLI's own container, which only an operator can open (TOOLS.md section 5.6).</summary>
    public const string Sandbox = "sandbox";

    /// <summary>The lines of the table.</summary>
    public static IReadOnlyList<ArgumentSpec> Own { get; } = [.. OfGemini(), .. OfLaterStages()];

    // The CLI cuts its list at commas.
    private static TextSpec ToolName => new("name", 1, 256)
    {
        Pattern = "^[A-Za-z][A-Za-z0-9_.-]*$",
        PatternWords = "like read_file, of A-Za-z0-9_.-, first a letter",
        Remedy = "name a tool of Gemini CLI",
    };

    private static ArgumentSpec[] OfGemini() =>
    [
        new ChoiceSpec(Mode, "default", "auto_edit", Yolo, "plan") { Default = "\"default\"", Description = "auto_edit may write; yolo may do anything" },
        new FlagSpec(Yolo) { Description = "Old spelling of approvalMode yolo" },
        new ListSpec("allowedTools", 128, ToolName) { Description = "Used without asking, such as run_shell_command" },
        new FlagSpec(SessionWish.ResumeLatest) { Description = "Your newest session of that workingDir" },
        new FlagSpec(Sandbox) { Description = StarterArguments.OfOperator },
        StarterArguments.Directories("includeDirs"),
        new ChoiceSpec("outputFormat", "text", "json", "stream-json") { Default = "\"text\"", Description = "json: the answer is the CLI's final record" },
    ];

    /// <summary>Announced so that clients need not change later; any value but the default is refused until then.</summary>
    private static ArgumentSpec[] OfLaterStages() =>
    [
    ];
}
