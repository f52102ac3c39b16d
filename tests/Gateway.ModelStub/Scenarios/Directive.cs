using System.Text.RegularExpressions;

namespace Gateway.ModelStub.Scenarios;

/// <summary>One <c>[[stub:NAME args]]</c> of a prompt.</summary>
internal sealed partial record Directive(string Name, string Arguments)
{
    public static IReadOnlyList<Directive> ParseAll(string text) =>
        [.. Pattern().Matches(text).Select(m => new Directive(m.Groups[1].Value, m.Groups[2].Value.Trim()))];

    /// <summary>Argument <paramref name="index"/> when they are split at spaces, as a number; <paramref name="otherwise"/> when it is not there.</summary>
    public long Number(int index, long otherwise) =>
        Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var parts && parts.Length > index
            ? long.Parse(parts[index], System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;

    [GeneratedRegex(@"\[\[stub:([a-z0-9-]+)[\s:]?(.*?)\]\]", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
