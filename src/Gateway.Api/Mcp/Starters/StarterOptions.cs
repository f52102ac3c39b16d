using Gateway.Api.Mcp.Codex;
using Gateway.Api.Mcp.Gemini;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Starters;

/// <summary>Section <c>Starters</c>: what the operator opens to callers beyond what is safe for all.</summary>
internal sealed class StarterOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Starters";

    /// <summary>The policy of <c>approvalStrategy</c> <c>mcp_managed</c> when a call names none. Default <c>balanced</c>.</summary>
    public string ApprovalPolicy { get; set; } = CallerQuestionRule.Balanced;

    /// <summary>
    /// By CLI and argument the values that may be sent: of <c>configOverrides</c> the keys, of a flag the word <c>true</c>. Default none.
    /// </summary>
    public IDictionary<string, Dictionary<string, List<string>>> Allow { get; } = new Dictionary<string, Dictionary<string, List<string>>>(StringComparer.Ordinal);

    /// <summary>What may be sent for an argument.</summary>
    public IReadOnlyList<string> Allowed(string cli, string argument) =>
        Allow.TryGetValue(cli, out var arguments) && arguments.TryGetValue(argument, out var values) ? values : [];
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed class StarterOptionsValidator : IValidateOptions<StarterOptions>
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Known = new(StringComparer.Ordinal)
    {
        [AgentClis.Codex] = CodexArgumentTable.OfOperator,
        [AgentClis.Gemini] = [GeminiArgumentTable.Sandbox],
    };

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StarterOptions options)
    {
        List<string> faults = [];
        if (!CallerQuestionRule.Policies.Contains(options.ApprovalPolicy))
        {
            faults.Add($"{StarterOptions.Section}:{nameof(options.ApprovalPolicy)} must be one of {string.Join(", ", CallerQuestionRule.Policies)}.");
        }

        foreach (var (cli, arguments) in options.Allow)
        {
            var known = Known.GetValueOrDefault(cli) ?? [];
            faults.AddRange(arguments.Keys.Except(known).Select(argument =>
                $"{StarterOptions.Section}:{nameof(options.Allow)}:{cli}:{argument} opens nothing. What can be opened: {string.Join(", ", Known.SelectMany(one => one.Value.Select(value => $"{one.Key}:{value}")))}."));
            faults.AddRange(arguments.GetValueOrDefault(CodexArgumentTable.ConfigOverrides, []).Where(CodexConfig.IsKept).Select(key =>
                $"{StarterOptions.Section}:{nameof(options.Allow)}:{cli}:{CodexArgumentTable.ConfigOverrides} cannot open {key}: the gateway sets it itself."));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
