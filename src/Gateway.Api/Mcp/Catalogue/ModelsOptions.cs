using System.Text.RegularExpressions;
using Gateway.Api.Mcp.Starters;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Catalogue;

/// <summary>Section <c>Models</c>: what <c>list_models</c> tells of each CLI, beside or in place of what is built in.</summary>
internal sealed class ModelsOptions() : Dictionary<string, ModelsOptions.OfCli>(StringComparer.Ordinal)
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Models";

    /// <summary>One CLI.</summary>
    internal sealed class OfCli
    {
        /// <summary>The model that runs have when a call names none, in words of the provider. Default: what the CLI does.</summary>
        public string? Default { get; set; }

        /// <summary>A note for each model by name; an empty one takes a built-in model off the list.</summary>
        public IDictionary<string, string> Names { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

        /// <summary>The model that each alias stands for; an empty one takes a built-in alias away.</summary>
        public IDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
    }
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed partial class ModelsOptionsValidator : IValidateOptions<ModelsOptions>
{
    private const int MostNoteChars = 200;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        List<string> faults = [];
        foreach (var (cli, own) in options)
        {
            var place = $"{ModelsOptions.Section}:{cli}";
            if (!AgentClis.All.Contains(cli))
            {
                faults.Add($"{place} is no CLI of this gateway. Use {string.Join(", ", AgentClis.All)}.");
            }

            IEnumerable<(string Place, string Model)> models =
            [
                (place + ":Default", own.Default ?? "a"),
                .. own.Names.Keys.Select(model => (place + ":Names", model)),
                .. own.Aliases.SelectMany(alias => (string[])[alias.Key, alias.Value.Length == 0 ? "a" : alias.Value], (_, model) => (place + ":Aliases", model)),
            ];
            faults.AddRange(models.Where(one => !NamePattern().IsMatch(one.Model)).Select(one => $"{one.Place} holds '{one.Model}', which is no name of a model: 1 to 128 of A-Za-z0-9._:/@[]-, first a letter or digit."));
            faults.AddRange(own.Names.Where(note => note.Value.Length > MostNoteChars).Select(note => $"{place}:Names:{note.Key} is longer than {MostNoteChars} characters."));
            faults.AddRange(own.Aliases.Where(alias => own.Aliases.TryGetValue(alias.Value, out var next) && next.Length > 0).Select(alias => $"{place}:Aliases:{alias.Key} stands for another alias. Name a model."));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    [GeneratedRegex("^" + StarterArguments.ModelName + "$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
