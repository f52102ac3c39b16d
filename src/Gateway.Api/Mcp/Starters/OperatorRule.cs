using System.Text.Json;
using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>What only an operator can open to callers: each value has to be in the setting <c>Starters:Allow</c>.</summary>
internal static class OperatorRule
{
    /// <summary>Adds a fault for each value that is not allowed.</summary>
    /// <param name="arguments">The call.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="cli">The CLI.</param>
    /// <param name="names">The arguments that need it.</param>
    public static void Check(ParsedArguments arguments, StarterOptions options, string cli, params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var allowed = options.Allowed(cli, name);
            foreach (var (field, value) in ValuesOf(arguments, name).Where(one => !allowed.Contains(one.Value, StringComparer.Ordinal)))
            {
                arguments.Faults.Add(
                    field,
                    value,
                    allowed.Count == 0 ? "nothing: the operator has opened none" : $"what the operator has opened: {string.Join(", ", allowed)}",
                    $"leave it out, or ask the operator to add it to Starters:Allow:{cli}:{name}");
            }
        }
    }

    // A flag that is false asks for nothing.
    private static IEnumerable<(string Field, string Value)> ValuesOf(ParsedArguments arguments, string name) =>
        arguments.Flag(name) ? [(name, "true")]
        : arguments.Text(name) is { } text ? [(name, text)]
        : arguments.Json(name) is { ValueKind: JsonValueKind.Object } settings ? settings.EnumerateObject().Select(member => ($"{name}.{member.Name}", member.Name))
        : arguments.List(name).Select((value, index) => (FormattableString.Invariant($"{name}[{index}]"), value));
}
