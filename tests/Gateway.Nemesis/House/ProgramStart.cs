using System.Diagnostics;

namespace Gateway.Nemesis.House;

/// <summary>How a program of ours is started: what is secret of its settings goes through its environment, since it takes none from a command line.</summary>
internal static class ProgramStart
{
    private static readonly string[] Secrets = ["Password", "ConnectionString"];

    public static ProcessStartInfo Of(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        string? name = null;
        foreach (var argument in arguments)
        {
            var parts = argument.Split('=', 2);
            if (name is not null)
            {
                start.Environment[name] = argument;
                name = null;
            }
            else if (!argument.StartsWith("--", StringComparison.Ordinal) || !Array.Exists(Secrets, secret => parts[0].EndsWith(":" + secret, StringComparison.Ordinal)))
            {
                start.ArgumentList.Add(argument);
            }
            else if (parts.Length == 2)
            {
                start.Environment[VariableOf(parts[0])] = parts[1];
            }
            else
            {
                name = VariableOf(argument);
            }
        }

        return start;
    }

    private static string VariableOf(string option) => option[2..].Replace(":", "__", StringComparison.Ordinal);
}
