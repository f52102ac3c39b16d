using System.Text.Json;
using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Codex;

/// <summary>Settings of Codex that a call brings along: keys and values of one line.</summary>
internal static class ConfigOverridesRule
{
    private const string Name = CodexArgumentTable.ConfigOverrides;
    private const int MostKeys = 32;
    private const int MostKeyChars = 128;
    private const int MostValueChars = 1_024;

    /// <summary>The settings by key; what is wrong with them is added to the faults.</summary>
    /// <param name="arguments">The call.</param>
    public static IReadOnlyDictionary<string, string> Check(ParsedArguments arguments)
    {
        Dictionary<string, string> read = new(StringComparer.Ordinal);
        if (arguments.Json(Name) is not { ValueKind: JsonValueKind.Object } sent)
        {
            return read;
        }

        foreach (var member in sent.EnumerateObject())
        {
            var field = $"{Name}.{member.Name}";
            var value = member.Value.ValueKind == JsonValueKind.String ? PlainText.TryRead(member.Value) : null;
            if (member.Name.Length is 0 or > MostKeyChars || !member.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_'))
            {
                arguments.Faults.Add(field, member.Name, $"a key of 1..{MostKeyChars} of A-Za-z0-9._", "send the key as Codex spells it");
            }
            else if (value is null || value.Length > MostValueChars || value.Any(char.IsControl))
            {
                arguments.Faults.Add(field, FaultList.Show(member.Value, confidential: false), $"a text of one line, at most {MostValueChars} characters", "send the value as a text, in TOML where it is no plain word");
            }
            else
            {
                read[member.Name] = value;
            }
        }

        if (read.Count > MostKeys)
        {
            arguments.Faults.Add(Name, FormattableString.Invariant($"{read.Count} keys"), $"at most {MostKeys} keys", "send fewer");
        }

        return read;
    }
}
