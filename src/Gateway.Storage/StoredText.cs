using System.Text;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Gateway.Storage;

/// <summary>
/// Makes text storable in every database alike. What agents print may hold a NUL, which PostgreSQL refuses, or half of a
/// character, which has no UTF-8: both become U+FFFD. A column that takes words of a worker cuts them to its length, where
/// SQLite would not mind and the others would refuse the whole row.
/// </summary>
internal sealed class StoredText(int maxLength) : ValueConverter<string, string>(text => Fit(text, maxLength), stored => stored)
{
    private const char Replacement = '\uFFFD';

    /// <summary>Text of any length.</summary>
    public StoredText()
        : this(int.MaxValue)
    {
    }

    /// <summary>The text as it can be stored, in at most so many characters and never ending in half of one.</summary>
    internal static string Fit(string text, int maxLength)
    {
        if (text.Length > maxLength)
        {
            text = text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        }

        if (!text.Contains('\0', StringComparison.Ordinal) && IsWhole(text))
        {
            return text;
        }

        var fit = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // An enumeration of runes answers the replacement for half of a character.
            fit.Append(rune.Value == 0 ? Replacement.ToString() : rune.ToString());
        }

        return fit.ToString();
    }

    private static bool IsWhole(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How the model says that a column cuts.</summary>
internal static class StoredTextExtensions
{
    /// <summary>At most so many characters; what is longer is cut, not refused.</summary>
    public static PropertyBuilder<TText> CutAt<TText>(this PropertyBuilder<TText> property, int maxLength) =>
        property.HasMaxLength(maxLength).HasConversion(new StoredText(maxLength));
}
