using System.Collections.Frozen;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies;

/// <summary>A policy that is ready to judge: parsed, normalised and compiled. Immutable.</summary>
public sealed class Policy
{
    private readonly FrozenDictionary<string, IReadOnlyList<JobCap>> running;
    private readonly IReadOnlyList<JobCap> runningOfAll;

    internal Policy(string name, PolicyRules rules)
    {
        Name = name;
        Rules = rules;
        NormalizedText = NormalForm.TextOf(rules);
        Hash = CanonicalJson.HashOf(NormalizedText);
        running = rules.Tools.ToFrozenDictionary(tool => tool.Key, tool => Running([.. tool.Value.Limits, .. rules.AllTools]), StringComparer.Ordinal);
        runningOfAll = Running(rules.AllTools);
    }

    /// <summary>Its name in the grants file.</summary>
    public string Name { get; }

    /// <summary><c>sha256:</c> and the first 16 hex digits of SHA-256 over <see cref="NormalizedText"/>.</summary>
    public string Hash { get; }

    /// <summary>The policy as canonical JSON (RFC 8785), short forms expanded and defaults filled in.</summary>
    public string NormalizedText { get; }

    internal PolicyRules Rules { get; }

    /// <summary>Hash of a tool's own normalised rule: consent to a call is bound to it.</summary>
    /// <param name="tool">The tool.</param>
    public string RuleHashOf(string tool) => RuleOf(tool).Hash;

    /// <summary>Its caps on running jobs for the jobs of a tool: the tool's own, then those of all tools. They refuse no call; who gives jobs to workers keeps them.</summary>
    /// <param name="tool">The tool that makes the jobs.</param>
    public IReadOnlyList<JobCap> RunningCapsOf(string tool) => running.GetValueOrDefault(tool) ?? runningOfAll;

    /// <summary>The rule of a tool that the file does not name is as good as an empty one.</summary>
    internal ToolRule RuleOf(string tool) => Rules.Tools.GetValueOrDefault(tool) ?? ToolRule.Unnamed(tool);

    private static IReadOnlyList<JobCap> Running(IEnumerable<LimitRule> limits) =>
        [.. limits.OfType<CapRule>().Select(rule => rule.Cap).Where(cap => cap.Kind == JobCapKind.Running)];
}
