using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>Gathers everything that is wrong with a call, so that its caller mends it in one go.</summary>
internal sealed class FaultList
{
    private const int MostShown = 32;
    private const int MostValueChars = 80;
    private readonly List<ArgumentFault> faults = [];

    /// <summary>Number of faults so far.</summary>
    public int Count { get; private set; }

    /// <summary>The faults; of a call with very many only the first, so that an answer stays small.</summary>
    public IReadOnlyList<ArgumentFault> Items => faults;

    /// <summary>Adds a fault about a value as it was sent; always null, to be returned in place of the value.</summary>
    public object? Add(ArgumentSpec spec, string field, JsonElement value, string limit, string remedy) =>
        Add(field, Show(value, spec.Confidential), limit, remedy);

    /// <summary>Adds a fault; always null.</summary>
    public object? Add(string field, string value, string limit, string remedy)
    {
        Count++;
        if (faults.Count < MostShown)
        {
            faults.Add(new ArgumentFault(Cut(field), Cut(value), limit, remedy));
        }

        return null;
    }

    /// <summary>Renames the faults of arguments that came inside another one.</summary>
    public void Under(string parent, IEnumerable<string> names)
    {
        var inside = names.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < faults.Count; i++)
        {
            var name = faults[i].Field;
            if (inside.Contains(name.IndexOf('[', StringComparison.Ordinal) is var end and > 0 ? name[..end] : name))
            {
                faults[i] = faults[i] with { Field = $"{parent}.{name}" };
            }
        }
    }

    /// <summary>A value for a fault: as sent, or its length alone.</summary>
    public static string Show(JsonElement value, bool confidential)
    {
        var text = value.ValueKind == JsonValueKind.String ? PlainText.TryRead(value) : null;
        if (confidential)
        {
            var length = text?.Length ?? value.GetRawText().Length;
            return string.Create(CultureInfo.InvariantCulture, $"{length} characters");
        }

        return text ?? value.GetRawText();
    }

    private static string Cut(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, MostValueChars));
        foreach (var rune in text.EnumerateRunes())
        {
            // Control and format characters would write outside their place in a terminal or a log.
            var category = Rune.GetUnicodeCategory(rune);
            var part = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? $"\\u{rune.Value:x4}"
                : rune.ToString();
            if (shown.Length + part.Length > MostValueChars)
            {
                break;
            }

            shown.Append(part);
        }

        return shown.ToString();
    }
}
