using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Starters;

namespace Gateway.Api.Mcp.Claude;

/// <summary>The arguments that only Claude Code has (TOOLS.md section 5.2).</summary>
internal static class ClaudeArgumentTable
{
    /// <summary>The old spelling of a permission bypass.</summary>
    public const string SkipPermissions = "dangerouslySkipPermissions";

    /// <summary>The lines of the table.</summary>
    public static IReadOnlyList<ArgumentSpec> Own { get; } = OfClaude();

    /// <summary>A rule such as <c>Bash(git *)</c>. Control characters have no place in an argument vector.</summary>
    private static TextSpec ToolRule => new("rule", 1, 256)
    {
        Pattern = @"^[A-Za-z][A-Za-z0-9_.*-]*(\([^\u0000-\u001f\u007f]*\))?$",
        PatternWords = "like Read, Bash(git *) or mcp__server__tool, no leading -",
        Remedy = "name a tool, with a rule in parentheses if need be",
    };

    /// <summary>A tool without a rule. A list of one empty name is one of none.</summary>
    private static TextSpec ToolName => new("name", 0, 256)
    {
        Pattern = "^([A-Za-z][A-Za-z0-9_.-]*)?$",
        PatternWords = "like Read or mcp__server__tool, without a rule",
        Remedy = "name a tool; rules belong into allowedTools",
    };

    private static ArgumentSpec[] OfClaude() =>
    [
        new TextSpec("fallbackModel", 1, 386) { Pattern = $"^{StarterArguments.ModelName}(,{StarterArguments.ModelName}){{0,2}}$", PatternWords = "1..3 model names, comma-separated", Remedy = "send up to three model names" },
        new ChoiceSpec("permissionMode", "default", "acceptEdits", "auto", "bypassPermissions", "manual", "dontAsk", "plan") { Default = "\"default\"", Description = "acceptEdits may write; default and plan only with allowedTools" },
        new FlagSpec(SkipPermissions) { Description = "Old spelling of bypassPermissions" },
        new ListSpec("allowedTools", 128, ToolRule) { Description = "Used without asking, such as Bash(git *)" },
        new ListSpec("disallowedTools", 128, ToolRule),
        new IntegerSpec("maxTurns", 1, 1_000) { Remedy = "leave it out for no limit" },
        new AmountSpec("maxBudgetUsd", 1_000),
        new ChoiceSpec("effort", "low", "medium", "high", "xhigh", "max"),
        new TextSpec("systemPrompt", 1, 100_000) { Confidential = true, MaxBytes = StarterArguments.MostElementBytes, Description = "Replaces the agent's own; not with appendSystemPrompt" },
        new TextSpec("appendSystemPrompt", 1, 100_000) { Confidential = true, MaxBytes = StarterArguments.MostElementBytes },
        new ObjectSpec("jsonSchema") { Confidential = true, OtherType = "string", Description = "Of the object to answer with" },
        new ListSpec("tools", 128, ToolName) { Description = "The only tools there are; [] for none" },
        new ObjectSpec("agents") { Confidential = true, Description = "Sub-agents: name → {description, prompt, tools?, model?}" },
        new TextSpec("agent", 1, 64) { Pattern = "^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$", PatternWords = "of A-Za-z0-9_-, no leading -", Description = "One of agents, or known to the CLI" },
        new TextSpec("name", 1, 100) { Pattern = @"^[^-\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$", PatternWords = "one line, no leading -" },
        new FlagSpec(SessionWish.ContinueSession) { Description = "Your newest session of that workingDir" },
        new FlagSpec(SessionWish.ForkSession) { Description = "A new session begins with what that one holds" },
        new FlagSpec("noSessionPersistence"),
        new FlagSpec("excludeDynamicSystemPromptSections"),
        new FlagSpec("safeMode"),
        StarterArguments.Directories("addDir"),
        new ChoiceSpec("outputFormat", "text", "json", "stream-json") { Default = "\"stream-json\"", Description = "json: the answer is the CLI's final record" },
    ];
}
