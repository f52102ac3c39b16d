using System.Text.Json;
using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Catalogue;

/// <summary>
/// The models that are known by name. A catalogue, not a gate: other names are passed on, and the provider decides. What is built in are
/// the names that the tested CLIs themselves use; an operator adds those of the own contract.
/// </summary>
internal sealed class ModelCatalogue(IOptions<ModelsOptions> options)
{
    private static readonly Dictionary<string, CliModels> BuiltIn = new(StringComparer.Ordinal)
    {
        [AgentClis.Claude] = new()
        {
            Description = "Claude Code. It knows the short names itself and takes the newest model of that kind.",
            Models = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["opus"] = "newest Opus",
                ["sonnet"] = "newest Sonnet",
                ["haiku"] = "newest Haiku, the fastest",
                ["claude-opus-5-5"] = "what the tested version takes when nothing is asked for",
                ["claude-sonnet-5-5"] = "",
            },
            DefaultModel = "claude-opus-5-5",
            Aliases = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["latest"] = "opus" },
        },
        [AgentClis.Codex] = new()
        {
            Description = "Codex. Which models there are depends on the account.",
            Models = new SortedDictionary<string, string>(StringComparer.Ordinal),
            Aliases = new SortedDictionary<string, string>(StringComparer.Ordinal),
            Warnings = ["No model is known by name: leave model out for Codex's own choice, or ask the operator to name some in the setting Models:codex."],
        },
        [AgentClis.Gemini] = new()
        {
            Description = "Gemini CLI. auto chooses between a fast and a strong model for each prompt.",
            Models = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["auto"] = "chosen for each prompt", ["gemini-3.8-flash"] = "fast" },
            DefaultModel = "auto",
            Aliases = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["latest"] = "auto" },
        },
    };

    private readonly Dictionary<string, CliModels> all = AgentClis.All.ToDictionary(cli => cli, cli => Of(cli, options.Value), StringComparer.Ordinal);

    /// <summary>What is known of one CLI.</summary>
    /// <param name="cli">One of <see cref="AgentClis"/>.</param>
    public CliModels Of(string cli) => all[cli];

    /// <summary>The model that a name stands for; the name itself where it is no alias.</summary>
    /// <param name="cli">One of <see cref="AgentClis"/>.</param>
    /// <param name="name">As sent.</param>
    public string MeantBy(string cli, string name) => Of(cli).Aliases.GetValueOrDefault(name, name);

    /// <summary>The model that a call means by an alias, for whoever judges the call; null when it names none by an alias.</summary>
    /// <param name="tool">The tool, whose name begins with the CLI's.</param>
    /// <param name="arguments">Its arguments.</param>
    public string? AliasOf(string tool, JsonElement arguments) =>
        all.Keys.FirstOrDefault(cli => tool.StartsWith(cli + "_request", StringComparison.Ordinal)) is { } cli
        && arguments.ValueKind == JsonValueKind.Object
        && arguments.TryGetProperty("model", out var model)
        && model.ValueKind == JsonValueKind.String
        && PlainText.TryRead(model) is { } name
            ? Of(cli).Aliases.GetValueOrDefault(name)
            : null;

    private static CliModels Of(string cli, ModelsOptions options)
    {
        var known = BuiltIn.GetValueOrDefault(cli) ?? new CliModels
        {
            Description = cli,
            Models = new SortedDictionary<string, string>(StringComparer.Ordinal),
            Aliases = new SortedDictionary<string, string>(StringComparer.Ordinal),
        };
        if (!options.TryGetValue(cli, out var own))
        {
            return known;
        }

        var models = Merged(known.Models, own.Names);
        return known with
        {
            Models = models,
            DefaultModel = own.Default ?? known.DefaultModel,
            Aliases = Merged(known.Aliases, own.Aliases),
            Warnings = models.Count > 0 ? null : known.Warnings,
        };
    }

    private static SortedDictionary<string, string> Merged(IReadOnlyDictionary<string, string> known, IDictionary<string, string> own)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in known.Concat(own))
        {
            merged[name] = value;
        }

        foreach (var (name, _) in own.Where(one => one.Value.Length == 0))
        {
            merged.Remove(name);
        }

        return merged;
    }
}
