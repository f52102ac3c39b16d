using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Policies.Documents;

namespace Gateway.Api.Mcp.Claude;

/// <summary>
/// The tools of Claude Code by name. The CLI ignores a rule for a tool that it does not know: an allowance then does
/// nothing, which is a warning, but a prohibition that does nothing is a hole, which is a fault.
/// </summary>
internal static class ClaudeTools
{
    private const string McpPrefix = "mcp__";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "Agent", "AskUserQuestion", "Bash", "BashOutput", "Edit", "EnterPlanMode", "EnterWorktree", "ExitPlanMode", "ExitWorktree", "Glob", "Grep",
        "KillShell", "ListMcpResourcesTool", "LS", "LSP", "Monitor", "MultiEdit", "NotebookEdit", "NotebookRead", "PowerShell", "Read",
        "ReadMcpResourceTool", "SendMessage", "Skill", "SlashCommand", "StructuredOutput", "Task", "TaskCreate", "TaskGet", "TaskList",
        "TaskOutput", "TaskStop", "TaskUpdate", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch", "Write",
    };

    private static readonly HashSet<string> Reading = new(StringComparer.Ordinal) { "Read", "Glob", "Grep", "WebFetch", "WebSearch" };

    /// <summary>Whether a run with these arguments can change files.</summary>
    public static bool CanWrite(string? permissionMode, IReadOnlyList<string> allowedTools) =>
        permissionMode is "acceptEdits" or "auto" or "bypassPermissions" || allowedTools.Any(rule => !Reading.Contains(Name(rule)));

    /// <summary>Adds warnings and faults for tools that Claude Code does not have.</summary>
    public static void Check(ParsedArguments arguments)
    {
        Warn(arguments, "allowedTools", "the rule does nothing");
        Warn(arguments, "tools", "the name does nothing");

        foreach (var (index, rule) in arguments.List("disallowedTools").Index().Where(e => !IsKnown(e.Item)))
        {
            var near = NearestName.Find(Name(rule), Known);
            var remedy = near is null ? "name a tool of Claude Code" : $"did you mean {near}?";
            arguments.Faults.Add($"disallowedTools[{index}]", rule, "a tool that Claude Code has; an unknown one would forbid nothing", remedy);
        }
    }

    private static void Warn(ParsedArguments arguments, string list, string effect)
    {
        foreach (var (index, rule) in arguments.List(list).Index().Where(e => e.Item.Length > 0 && !IsKnown(e.Item)))
        {
            var near = NearestName.Find(Name(rule), Known);
            var hint = near is null ? string.Empty : $" Did you mean {near}?";
            arguments.Warnings.Add(new Warning("unknown_tool", $"Claude Code has no such tool, so {effect}.{hint}", $"{list}[{index}]"));
        }
    }

    private static bool IsKnown(string rule) => Known.Contains(Name(rule)) || rule.StartsWith(McpPrefix, StringComparison.Ordinal);

    private static string Name(string rule) => rule.IndexOf('(', StringComparison.Ordinal) is var end and > 0 ? rule[..end] : rule;
}
