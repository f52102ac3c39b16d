using Gateway.Api.Mcp.Arguments;
using Gateway.Jobs.Lifecycle;

namespace Gateway.Api.Mcp.Claude;

/// <summary>The arguments of <c>claude_request_async</c>: those of every starter, then those of Claude Code.</summary>
internal static class ClaudeArgumentTable
{
    /// <summary>Most bytes of one element of an argument vector: a limit of the Linux kernel.</summary>
    private const int MostElementBytes = 131_071;
    private const string ModelName = @"[A-Za-z0-9][A-Za-z0-9._:/@\[\]-]{0,127}";
    private const string NotYet = "null";

    /// <summary>The old spelling of a permission bypass.</summary>
    public const string SkipPermissions = "dangerouslySkipPermissions";

    /// <summary>The table.</summary>
    public static ArgumentTable Table { get; } = new(ClaudeMovedArguments.All, [.. OfEveryStarter(), .. OfClaude(), .. OfLaterStages()]);

    /// <summary>A rule such as <c>Bash(git *)</c>. Control characters have no place in an argument vector.</summary>
    private static TextSpec ToolRule => new("rule", 1, 256)
    {
        Pattern = @"^[A-Za-z][A-Za-z0-9_.*-]*(\([^\u0000-\u001f\u007f]*\))?$",
        PatternWords = "like Read, Bash(git *) or mcp__server__tool, no leading -",
        Remedy = "name a tool, with a rule in parentheses if need be",
    };

    private static ArgumentSpec[] OfEveryStarter() =>
    [
        new TextSpec("prompt", 1, 1_000_000) { Confidential = true, Required = true, Description = "The task. Goes to the agent on stdin.", Remedy = "send what the agent shall do" },
        new TextSpec("model", 1, 128) { Pattern = $"^{ModelName}$", PatternWords = "of A-Za-z0-9._:/@[]-, first a letter or digit", Remedy = "send a model name, such as opus, or leave it out" },
        new TextSpec("workingDir", 1, 1024) { Description = "Absolute path in a registered root. Default: a new empty folder.", Remedy = "send an absolute path" },
        new IntegerSpec("timeoutMs", 1_000, 86_400_000) { Default = "3600000", Description = "Wall clock of each attempt, from process start" },
        new IntegerSpec("idleTimeoutMs", 30_000, 3_600_000) { Default = "600000", Description = "Longest silence of the agent" },
        new IntegerSpec("maxAttempts", 1, 10) { Default = "3" },
        new ChoiceSpec("priority", [.. JobPriority.Words]) { Default = "\"normal\"", Description = "high needs the scope jobs:admin" },
        new TimeSpec("startAfter") { Description = "Not before; at most 30 days ahead" },
        new ListSpec("labels", 16, new TextSpec("label", 1, 64) { Pattern = "^[A-Za-z0-9][A-Za-z0-9._:=/-]*$", PatternWords = "of A-Za-z0-9._:=/-, first a letter or digit" }) { Distinct = true },
        new TextSpec("correlationId", 1, 128) { Pattern = "^[A-Za-z0-9._:-]+$", PatternWords = "of A-Za-z0-9._:-", Description = "Your own id of the request" },
        new TextSpec("idempotencyKey", 1, 200) { Pattern = "^[!-~]+$", PatternWords = "visible ASCII", Description = "The same key again answers the first job" },
    ];

    private static ArgumentSpec[] OfClaude() =>
    [
        new TextSpec("fallbackModel", 1, 386) { Pattern = $"^{ModelName}(,{ModelName}){{0,2}}$", PatternWords = "1..3 model names, comma-separated", Remedy = "send up to three model names" },
        new ChoiceSpec("permissionMode", "default", "acceptEdits", "auto", "bypassPermissions", "manual", "dontAsk", "plan") { Default = "\"default\"", Description = "acceptEdits may write; default and plan only with allowedTools" },
        new FlagSpec(SkipPermissions) { Description = "Old spelling of bypassPermissions" },
        new ListSpec("allowedTools", 128, ToolRule) { Description = "May be used without asking, such as Read or Bash(git *)" },
        new ListSpec("disallowedTools", 128, ToolRule),
        new IntegerSpec("maxTurns", 1, 1_000) { Remedy = "leave it out for no limit" },
        new AmountSpec("maxBudgetUsd", 1_000),
        new ChoiceSpec("effort", "low", "medium", "high", "xhigh", "max"),
        new TextSpec("systemPrompt", 1, 100_000) { Confidential = true, MaxBytes = MostElementBytes, Description = "Replaces the agent's own; not with appendSystemPrompt" },
        new TextSpec("appendSystemPrompt", 1, 100_000) { Confidential = true, MaxBytes = MostElementBytes },
        new ObjectSpec("jsonSchema") { Confidential = true, OtherType = "string", Description = "Schema of an object that the answer must be" },
    ];

    /// <summary>Announced so that clients need not change later; any value but the default is refused until then.</summary>
    private static ArgumentSpec[] OfLaterStages() =>
    [
        new ObjectSpec("promptParts") { Confidential = true, OnlyValueSoFar = NotYet },
        new TextSpec("workspace", 1, 64) { Pattern = "^[A-Za-z][A-Za-z0-9._-]{0,63}$", OnlyValueSoFar = NotYet },
        new ObjectSpec("worktree") { OtherType = "boolean", OnlyValueSoFar = "false" },
        new TextSpec("sessionId", 36, 36) { Format = "uuid", OnlyValueSoFar = NotYet },
        new FlagSpec("createNewSession") { OnlyValueSoFar = "false" },
        new ListSpec("mcpServers", 16, new TextSpec("name", 1, 64)) { OnlyValueSoFar = "[]" },
        new ChoiceSpec("onUsageLimit", "park", "fail") { OnlyValueSoFar = "\"park\"" },
        new FlagSpec("dedup") { OnlyValueSoFar = "false" },
        new FlagSpec("forceRefresh") { OnlyValueSoFar = "false" },
        new ChoiceSpec("approvalStrategy", "legacy", "mcp_managed") { OnlyValueSoFar = "\"legacy\"" },
        new ChoiceSpec("approvalPolicy", "strict", "balanced", "permissive") { OnlyValueSoFar = "\"balanced\"" },
        new FlagSpec("continueSession") { OnlyValueSoFar = "false" },
        new FlagSpec("forkSession") { OnlyValueSoFar = "false" },
        new FlagSpec("noSessionPersistence") { OnlyValueSoFar = "false" },
        new TextSpec("name", 1, 100) { OnlyValueSoFar = NotYet },
        new ListSpec("tools", 128, new TextSpec("name", 0, 256)) { OnlyValueSoFar = NotYet },
        new ObjectSpec("agents") { Confidential = true, OnlyValueSoFar = NotYet },
        new TextSpec("agent", 1, 64) { OnlyValueSoFar = NotYet },
        new ListSpec("addDir", 16, new TextSpec("path", 1, 1024)) { OnlyValueSoFar = "[]" },
        new FlagSpec("excludeDynamicSystemPromptSections") { OnlyValueSoFar = "false" },
        new FlagSpec("safeMode") { OnlyValueSoFar = "false" },
        new ChoiceSpec("outputFormat", "text", "json", "stream-json") { OnlyValueSoFar = "\"stream-json\"" },
    ];
}
