using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Sessions;
using Gateway.Api.Mcp.Workspaces;
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

    /// <summary>The argument that says what becomes of a job at a usage limit.</summary>
    public const string OnUsageLimit = "onUsageLimit";

    /// <summary>It waits, and goes on by itself.</summary>
    public const string Park = "park";

    /// <summary>Description of an argument that is refused unless the operator has opened it.</summary>
    public const string OfOperator = "Operator opt-in";

    /// <summary>The argument of the tools that wait.</summary>
    public const string WaitMs = "waitMs";

    /// <summary>Those of every starter.</summary>
    public static ArgumentSpec[] OfEvery() =>
    [
        new TextSpec(PromptRule.Prompt, 1, PromptRule.MostChars) { Confidential = true, Remedy = "send what the agent shall do" },
        new ObjectSpec(PromptParts.Argument) { Confidential = true, Description = "{system?, tools?, context?, task}" },
        new TextSpec("model", 1, 128) { Pattern = $"^{ModelName}$", PatternWords = "of A-Za-z0-9._:/@[]-, first a letter or digit", Remedy = "send a model name, or leave it out" },
        new TextSpec("workspace", 1, 64) { Pattern = "^[A-Za-z][A-Za-z0-9._-]{0,63}$", PatternWords = "of A-Za-z0-9._-, first a letter", Description = "See workspace_list", Remedy = "name one that workspace_list shows" },
        new TextSpec("workingDir", 1, 1024) { Description = "Absolute, or relative to the workspace", Remedy = "send a path" },
        new ObjectSpec(WorktreeRule.Argument) { OtherType = "boolean", Description = "true, or {name?, ref?}" },
        McpServerRule.Spec,
        SessionArguments.SessionId with { Description = "Goes on with it; default: the active one" },
        new FlagSpec(SessionWish.CreateNewSession),
        new IntegerSpec("timeoutMs", 1_000, 86_400_000) { Default = "3600000" },
        new IntegerSpec("idleTimeoutMs", 30_000, 3_600_000) { Default = "600000", Description = "Longest silence" },
        new IntegerSpec("maxAttempts", 1, 10) { Default = "3" },
        new ChoiceSpec(OnUsageLimit, Park, "fail"),
        new ChoiceSpec("priority", [.. JobPriority.Words]) { Default = "\"normal\"", Description = "high needs jobs:admin" },
        new TimeSpec("startAfter") { Description = "Not before; at most 30 days ahead" },
        new ListSpec("labels", 16, new TextSpec("label", 1, 64) { Pattern = "^[A-Za-z0-9][A-Za-z0-9._:=/-]*$", PatternWords = "of A-Za-z0-9._:=/-, first a letter or digit" }) { Distinct = true },
        new TextSpec("correlationId", 1, 128) { Pattern = "^[A-Za-z0-9._:-]+$", PatternWords = "of A-Za-z0-9._:-" },
        new TextSpec("idempotencyKey", 1, 200) { Pattern = "^[!-~]+$", PatternWords = "visible ASCII", Description = "Same key, same job" },
        new FlagSpec("dedup") { Description = "Equal calls get one job; default: of reading runs" },
        new ChoiceSpec(CallerQuestionRule.Strategy, CallerQuestionRule.Legacy, CallerQuestionRule.Managed) { Default = "\"legacy\"", Description = "mcp_managed: a person is asked first" },
        new ChoiceSpec(CallerQuestionRule.Policy, [.. CallerQuestionRule.Policies]) { Description = "strict: every run; permissive: bypasses alone" },
        new FlagSpec("forceRefresh"),
    ];

    /// <summary>Further directories of a run.</summary>
    /// <param name="name">Name of the argument.</param>
    public static ListSpec Directories(string name) => new(name, 16, APath);

    /// <summary>Images that a run is shown.</summary>
    /// <param name="name">Name of the argument.</param>
    public static ListSpec Images(string name) => new(name, 8, APath);

    private static TextSpec APath => new("path", 1, 1024) { Remedy = "send a path" };

    /// <summary>Of the tools that wait for the answer.</summary>
    public static IntegerSpec Wait { get; } = new(WaitMs, 0, 120_000) { Default = "25000", Description = "Then the answer is deferred; the job goes on" };
}
