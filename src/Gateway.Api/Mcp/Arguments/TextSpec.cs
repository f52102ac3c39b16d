using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A text. Lengths are UTF-16 units.</summary>
internal sealed record TextSpec(string Name, int MinChars, int MaxChars) : ArgumentSpec(Name)
{
    private readonly Lazy<Regex>? regex;
    private readonly string? pattern;

    /// <summary>A regular expression of both ECMAScript and .NET that begins with ^ and ends with $.</summary>
    public string? Pattern
    {
        get => pattern;
        init
        {
            pattern = value;

            // In .NET "$" also matches before a last newline, which would let one through to argv.
            regex = value is null ? null : new Lazy<Regex>(() => new Regex(value[..^1] + "\\z", RegexOptions.CultureInvariant));
        }
    }

    /// <summary>The pattern in words.</summary>
    public string? PatternWords { get; init; }

    /// <summary>Value of <c>format</c> in the schema.</summary>
    public string? Format { get; init; }

    /// <summary>Most bytes in UTF-8: what a single element of an argument vector may have.</summary>
    public int? MaxBytes { get; init; }

    /// <summary>What to do about a fault.</summary>
    public string Remedy { get; init; } = "send a text within the limit";

    /// <inheritdoc/>
    public override string Limit
    {
        get
        {
            var chars = $"{MinChars}..{MaxChars} characters";
            return PatternWords is null ? chars : $"{chars}, {PatternWords}";
        }
    }

    // Of patterns that take a letter anywhere, and count.
    private bool IsBoundByPattern => regex is not null && regex.Value.IsMatch(new string('a', MaxChars)) && !regex.Value.IsMatch(new string('a', MaxChars + 1));

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "string";
        // What a pattern says already is not said twice: the list of tools has to stay small.
        if (MinChars > 1 || (MinChars == 1 && regex?.Value.IsMatch("") != false))
        {
            schema["minLength"] = MinChars;
        }

        if (!IsBoundByPattern)
        {
            schema["maxLength"] = MaxChars;
        }

        if (Pattern is not null)
        {
            schema["pattern"] = Pattern;
        }

        if (Format is not null)
        {
            schema["format"] = Format;
        }
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        var text = PlainText.Read(value, this, field, faults);
        if (text is null)
        {
            return null;
        }

        if (text.Length < MinChars || text.Length > MaxChars)
        {
            return faults.Add(this, field, value, Limit, text.Length > MaxChars ? $"shorten it: it has {text.Length} characters" : Remedy);
        }

        if (MaxBytes is { } most && System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes > most)
        {
            return faults.Add(this, field, value, $"{most} bytes in UTF-8", $"shorten it: it has {bytes} bytes");
        }

        return regex is null || regex.Value.IsMatch(text) ? text : faults.Add(this, field, value, Limit, Remedy);
    }
}
