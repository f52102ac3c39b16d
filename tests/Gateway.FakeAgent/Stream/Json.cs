using System.Globalization;
using System.Text;

namespace Gateway.FakeAgent.Stream;

/// <summary>Just enough JSON writing to do without the start-up cost of a serializer.</summary>
internal static class Json
{
    public static string Text(string? value)
    {
        if (value is null)
        {
            return "null";
        }

        var result = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\t' => result.Append("\\t"),
                '\r' => result.Append("\\r"),
                < ' ' => result.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => result.Append(c),
            };
        }

        return result.Append('"').ToString();
    }

    public static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    public static string Flag(bool value) => value ? "true" : "false";

    public static string List(IEnumerable<string> texts) => $"[{string.Join(',', texts.Select(Text))}]";
}
