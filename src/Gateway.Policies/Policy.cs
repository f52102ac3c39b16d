using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies;

/// <summary>A policy that is ready to judge: parsed, normalised and compiled. Immutable.</summary>
public sealed class Policy
{
    internal Policy(string name, PolicyRules rules)
    {
        Name = name;
        Rules = rules;
        NormalizedText = NormalForm.TextOf(rules);
        Hash = CanonicalJson.HashOf(NormalizedText);
    }

    /// <summary>Its name in the grants file.</summary>
    public string Name { get; }

    /// <summary><c>sha256:</c> and the first 16 hex digits of SHA-256 over <see cref="NormalizedText"/>.</summary>
    public string Hash { get; }

    /// <summary>The policy as canonical JSON (RFC 8785), short forms expanded and defaults filled in.</summary>
    public string NormalizedText { get; }

    /// <summary>Rule pointers of its limits of kind <c>running</c>, which a host has to keep by what it releases.</summary>
    public IEnumerable<string> RunningCaps => Rules.AllTools.Concat(Rules.Tools.Values.SelectMany(rule => rule.Limits))
        .OfType<CapRule>().Where(rule => rule.Cap.Kind == JobCapKind.Running).Select(rule => rule.Rule);

    internal PolicyRules Rules { get; }

    /// <summary>Hash of a tool's own normalised rule: consent to a call is bound to it.</summary>
    /// <param name="tool">The tool.</param>
    public string RuleHashOf(string tool) => RuleOf(tool).Hash;

    /// <summary>The rule of a tool that the file does not name is as good as an empty one.</summary>
    internal ToolRule RuleOf(string tool) => Rules.Tools.GetValueOrDefault(tool) ?? ToolRule.Unnamed(tool);
}
