using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.Documents;

/// <summary>A JSON number with every digit it has: <c>0.DIGITS × 10^Exponent</c>, and no digits for zero.</summary>
internal readonly struct JsonNumber : IComparable<JsonNumber>, IEquatable<JsonNumber>
{
    // Far beyond what a number of a message can mean, and far from the end of a long.
    private const long MostExponent = 1L << 48;
    private readonly bool negative;
    private readonly string? digits;
    private readonly long exponent;

    private JsonNumber(bool negative, string digits, long exponent) => (this.negative, this.digits, this.exponent) = (negative, digits, exponent);

    private string Digits => digits ?? "";

    /// <summary>Whether it is less than zero.</summary>
    public bool IsNegative => negative;

    /// <summary>Whether it has no fraction.</summary>
    public bool IsWhole => Digits.Length <= exponent || Digits.Length == 0;

    public static JsonNumber Of(decimal number) => Parse(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    public static JsonNumber Of(JsonElement number) => Parse(Encoding.ASCII.GetBytes(number.GetRawText()));

    /// <summary>Of a number in the grammar of JSON.</summary>
    public static JsonNumber Parse(ReadOnlySpan<byte> text)
    {
        var isNegative = text[0] == '-';
        var found = new StringBuilder(text.Length);
        var (point, exponent, at) = (-1, 0L, isNegative ? 1 : 0);
        for (; at < text.Length && text[at] is not ((byte)'e' or (byte)'E'); at++)
        {
            if (text[at] == '.')
            {
                point = found.Length;
            }
            else
            {
                found.Append((char)text[at]);
            }
        }

        var whole = point < 0 ? found.Length : point;
        if (at < text.Length)
        {
            exponent = ExponentOf(text[(at + 1)..]);
        }

        var all = found.ToString();
        var significant = all.TrimStart('0');
        return significant.TrimEnd('0') is { Length: > 0 } kept ? new JsonNumber(isNegative, kept, whole - (all.Length - significant.Length) + exponent) : default;
    }

    public int CompareTo(JsonNumber other)
    {
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }

        var size = exponent != other.exponent ? exponent.CompareTo(other.exponent) : string.CompareOrdinal(Digits, other.Digits);
        return negative ? -size : size;
    }

    public bool Equals(JsonNumber other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is JsonNumber other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(negative, Digits, exponent);

    /// <summary>The value as a decimal, null where that has not the room or the digits for it.</summary>
    public decimal? ToDecimal() =>
        exponent <= 28 && decimal.TryParse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Of(value).Equals(this) ? value : null;

    /// <summary>As RFC 8785 writes it where a double holds all its digits; with all its digits where none does, so that two numbers never have one text.</summary>
    public override string ToString()
    {
        if (Digits.Length == 0)
        {
            return "0";
        }

        var value = double.Parse(Scientific, NumberStyles.Float, CultureInfo.InvariantCulture);
        var shortest = double.IsFinite(value) ? Parse(Encoding.ASCII.GetBytes(value.ToString("R", CultureInfo.InvariantCulture))) : this;
        return (shortest.Equals(this) ? shortest : this).Written;
    }

    private int Sign => Digits.Length == 0 ? 0 : negative ? -1 : 1;

    private string Scientific => Digits.Length == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{(negative ? "-" : "")}0.{Digits}e{exponent}");

    // The number format of ECMAScript.
    private string Written
    {
        get
        {
            var sign = negative ? "-" : "";
            return exponent switch
            {
                > 0 and <= 21 when exponent >= Digits.Length => sign + Digits.PadRight((int)exponent, '0'),
                > 0 and <= 21 => $"{sign}{Digits[..(int)exponent]}.{Digits[(int)exponent..]}",
                > -6 and <= 0 => $"{sign}0.{new string('0', (int)-exponent)}{Digits}",
                _ => string.Create(CultureInfo.InvariantCulture, $"{sign}{Digits[0]}{(Digits.Length > 1 ? "." : "")}{Digits[1..]}e{(exponent > 0 ? "+" : "")}{exponent - 1}"),
            };
        }
    }

    private static long ExponentOf(ReadOnlySpan<byte> text)
    {
        var sign = text[0] == '-' ? -1 : 1;
        var value = 0L;
        foreach (var digit in text[0] is (byte)'-' or (byte)'+' ? text[1..] : text)
        {
            value = Math.Min(MostExponent, (value * 10) + digit - '0');
        }

        return sign * value;
    }
}
