using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Gateway.Policies;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Xunit;

namespace Gateway.Tests.Policies;

/// <summary>Policies and calls from texts.</summary>
internal static class Texts
{
    public const string Starter = "claude_request_async";

    private static readonly string[] StarterArguments =
        ["prompt", "model", "workspace", "workingDir", "promptParts", "permissionMode", "dangerouslySkipPermissions", "allowedTools", "addDir", "maxTurns", "maxBudgetUsd", "labels", "idempotencyKey", "sessionId", "continueSession", "createNewSession"];

    public static ToolCatalog Tools { get; } = new(
    [
        new ToolFacts(Starter, IsStarter: true, IsReadOnly: false, StarterArguments.ToHashSet()),
        new ToolFacts("llm_job_status", IsStarter: false, IsReadOnly: true, new HashSet<string> { "jobId", "waitMs" }),
        new ToolFacts("llm_job_result", IsStarter: false, IsReadOnly: true, new HashSet<string> { "jobId", "maxChars" }),
        new ToolFacts("llm_job_list", IsStarter: false, IsReadOnly: true, new HashSet<string> { "limit" }),
        new ToolFacts("llm_job_cancel", IsStarter: false, IsReadOnly: false, new HashSet<string> { "jobId" }),
        new ToolFacts("session_list", IsStarter: false, IsReadOnly: true, new HashSet<string> { "cli" }),
        new ToolFacts("session_create", IsStarter: false, IsReadOnly: false, new HashSet<string> { "cli" }),
        new ToolFacts("session_set_active", IsStarter: false, IsReadOnly: false, new HashSet<string> { "cli", "sessionId" }),
        new ToolFacts("session_delete", IsStarter: false, IsReadOnly: false, new HashSet<string> { "sessionId" }),
        new ToolFacts("session_clear_all", IsStarter: false, IsReadOnly: false, new HashSet<string> { "cli" }),
    ]);

    public static GrantRule Alice { get; } = new() { Label = "alice", Tenant = "t1", Match = new GrantMatch.ApiKey("alice") };

    public static DocumentFile File(string text, string name = "policy.json") => new(name, Encoding.UTF8.GetBytes(text));

    public static LoadResult Load(string text) => SnapshotLoader.LoadOne(File(text), [Alice], Tools);

    public static IReadOnlyList<DocumentFault> FaultsOf(string text) => Load(text).Faults;

    public static PolicySnapshot Snapshot(string text)
    {
        var loaded = Load(text);
        Assert.Empty(loaded.Faults);
        return loaded.Snapshot!;
    }

    public static Policy Policy(string text) => Assert.Single(Snapshot(text).Policies);

    public static PolicyGrant Grant(string text) => Snapshot(text).Find(new Credential.ApiKey("alice"))!;

    /// <summary>A policy with one rule for the starter.</summary>
    public static string Rule(string rule) => $$"""{ "version": "1", "default": "deny", "tools": { "{{Starter}}": {{rule}}, "llm_job_status": {}, "llm_job_result": {} } }""";

    public static PolicyCall Call(string policy, string arguments, string tool = Starter, string? session = "s1") => new(Grant(policy), tool, JsonElement.Parse(arguments), session);

    public static Judgement Judge(string policy, string arguments, string tool = Starter, string? session = "s1") => PolicyEngine.Judge(Call(policy, arguments, tool, session));

    /// <summary>The policy with another rule for the starter.</summary>
    public static Policy With(this Policy policy, Func<ToolRule, ToolRule> change) =>
        new(policy.Name, policy.Rules with { Tools = policy.Rules.Tools.ToDictionary(t => t.Key, t => t.Key == Starter ? change(t.Value) : t.Value).ToFrozenDictionary() });

    /// <summary>What a rule says of arguments: the pointer of the refusal, or null.</summary>
    public static string? Refused(string rule, string arguments) => Judge(Rule(rule), arguments).Refusal?.Rule;
}
