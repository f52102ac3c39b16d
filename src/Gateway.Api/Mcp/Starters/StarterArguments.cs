using Gateway.Api.Mcp.Arguments;
using Gateway.Jobs.Lifecycle;
using Gateway.Policies.Evaluation;

namespace Gateway.Api.Mcp.Starters;

/// <summary>The arguments that every starter has (TOOLS.md section 5.1), and what the arguments of single CLIs are made of.</summary>
internal static class StarterArguments
{
    /// <summary>Most bytes of one element of an argument vector: a limit of the Linux kernel.</summary>
    public const int MostElementBytes = 131_071;

    /// <summary>Pattern of a model name, without ends.</summary>
    public const string ModelName = @"[A-Za-z0-9][A-Za-z0-9._:/@\[\]-]{0,127}";

    /// <summary>For <see cref="ArgumentSpec.OnlyValueSoFar"/>: no value at all.</summary>
    public const string NotYet = "null";

    /// <summary>The argument of the tools that wait.</summary>
    public const string WaitMs = "waitMs";

    /// <summary>Those of every starter.</summary>
    public static ArgumentSpec[] OfEvery() =>
    [
        new TextSpec(PromptRule.Prompt, 1, PromptRule.MostChars) { Confidential = true, Description = "The task. Goes to the agent on stdin.", Remedy = "send what the agent shall do" },
        new ObjectSpec(PromptParts.Argument) { Confidential = true, Description = "In place of prompt: {system?, tools?, context?, task}" },
        new TextSpec("model", 1, 128) { Pattern = $"^{ModelName}$", PatternWords = "of A-Za-z0-9._:/@[]-, first a letter or digit", Remedy = "send a model name, or leave it out" },
        new TextSpec("workingDir", 1, 1024) { Description = "Absolute path in a registered root. Default: a new empty folder.", Remedy = "send an absolute path" },
        new IntegerSpec("timeoutMs", 1_000, 86_400_000) { Default = "3600000", Description = "Wall clock of each attempt, from process start" },
        new IntegerSpec("idleTimeoutMs", 30_000, 3_600_000) { Default = "600000", Description = "Longest silence of the agent" },
        new IntegerSpec("maxAttempts", 1, 10) { Default = "3" },
        new ChoiceSpec("priority", [.. JobPriority.Words]) { Default = "\"normal\"", Description = "high needs the scope jobs:admin" },
        new TimeSpec("startAfter") { Description = "Not before; at most 30 days ahead" },
        new ListSpec("labels", 16, new TextSpec("label", 1, 64) { Pattern = "^[A-Za-z0-9][A-Za-z0-9._:=/-]*$", PatternWords = "of A-Za-z0-9._:=/-, first a letter or digit" }) { Distinct = true },
        new TextSpec("correlationId", 1, 128) { Pattern = "^[A-Za-z0-9._:-]+$", PatternWords = "of A-Za-z0-9._:-", Description = "Your own id of the request" },
        new TextSpec("idempotencyKey", 1, 200) { Pattern = "^[!-~]+$", PatternWords = "visible ASCII", Description = "The same key again answers the first job" },
        new FlagSpec("dedup") { Description = "An equal call gets the job there is; default: for reading runs" },
        new FlagSpec("forceRefresh") { Description = "A new job whatever there is" },
    ];

    /// <summary>Announced so that clients need not change later; any value but the default is refused until then.</summary>
    public static ArgumentSpec[] OfEveryLater() =>
    [
        new TextSpec("workspace", 1, 64) { Pattern = "^[A-Za-z][A-Za-z0-9._-]{0,63}$", OnlyValueSoFar = NotYet },
        new ObjectSpec("worktree") { OtherType = "boolean", OnlyValueSoFar = "false" },
        new TextSpec("sessionId", 36, 36) { Format = "uuid", OnlyValueSoFar = NotYet },
        new FlagSpec("createNewSession") { OnlyValueSoFar = "false" },
        new ListSpec("mcpServers", 16, new TextSpec("name", 1, 64)) { OnlyValueSoFar = "[]" },
        new ChoiceSpec("onUsageLimit", "park", "fail") { OnlyValueSoFar = "\"park\"" },
        new ChoiceSpec("approvalStrategy", "legacy", "mcp_managed") { OnlyValueSoFar = "\"legacy\"" },
        new ChoiceSpec("approvalPolicy", "strict", "balanced", "permissive") { OnlyValueSoFar = "\"balanced\"" },
    ];

    /// <summary>Of the tools that wait for the answer.</summary>
    public static IntegerSpec Wait { get; } = new(WaitMs, 0, 120_000) { Default = "25000", Description = "Then the answer is deferred; the job goes on" };
}
