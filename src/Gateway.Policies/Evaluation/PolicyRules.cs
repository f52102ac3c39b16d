using System.Collections.Frozen;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>What a policy file says, with short forms expanded and defaults filled in.</summary>
internal sealed record PolicyRules
{
    /// <summary>What becomes of a tool that <see cref="Tools"/> does not name.</summary>
    public bool AllowsByDefault { get; init; }

    /// <summary>Every tool is hidden.</summary>
    public bool HidesAll { get; init; }

    public FrozenSet<string> Hidden { get; init; } = [];

    /// <summary>Limits over the calls of all tools together.</summary>
    public IReadOnlyList<LimitRule> AllTools { get; init; } = [];

    public FrozenDictionary<string, ToolRule> Tools { get; init; } = FrozenDictionary<string, ToolRule>.Empty;

    /// <summary>Whether the tool is left out of the list and refused when called.</summary>
    public bool Hides(string tool) => HidesAll || Hidden.Contains(tool);

    /// <summary>Whether a call of the tool may pass, whatever its arguments.</summary>
    public bool MayCall(string tool) => !Hides(tool) && (Tools.TryGetValue(tool, out var rule) ? !rule.IsDenied : AllowsByDefault);
}
