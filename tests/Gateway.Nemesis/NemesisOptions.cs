using System.Globalization;

namespace Gateway.Nemesis;

/// <summary>What the command line asks for.</summary>
internal sealed record NemesisOptions
{
    public const string Usage = """
        Usage: build/nemesis [--minutes N] [--seed S] [--only TEXT]… [--folder DIR] [--keep] [--ctrf FILE]

          --minutes N   how long faults are injected; default 5. What follows (all comes to rest, checks) takes up to four minutes more
          --seed S      chooses faults, their order and times, and the jobs; default: a new one, which is printed
          --only TEXT   only faults whose name holds TEXT; may be repeated
          --folder DIR  an empty or missing folder to work in, below a path that user postgres may enter; default: a new one below /var/tmp
          --keep        keeps folder and logs also when every check holds
          --ctrf FILE   writes each check as a test's result

        Exit code: 0 every check holds; 1 a promise was broken, the folder with all logs is kept; 2 wrong arguments; 3 it could not be run; 130 stopped.
        """;

    public double Minutes { get; init; } = 5;

    public int Seed { get; init; } = Random.Shared.Next(1, 1_000_000);

    public IReadOnlyList<string> Only { get; init; } = [];

    public string? Folder { get; init; }

    public bool Keep { get; init; }

    public string? CtrfFile { get; init; }

    /// <summary>Null when the command line is wrong.</summary>
    public static NemesisOptions? Parse(string[] arguments)
    {
        var options = new NemesisOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            var next = (arguments[i], value) switch
            {
                ("--keep", _) => options with { Keep = true },
                ("--minutes", { } text) when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 24 * 60 => options with { Minutes = minutes },
                ("--seed", { } text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
                ("--only", { } text) => options with { Only = [.. options.Only, text] },
                ("--folder", { } folder) => options with { Folder = Path.GetFullPath(folder) },
                ("--ctrf", { } file) => options with { CtrfFile = Path.GetFullPath(file) },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
            i += arguments[i] == "--keep" ? 0 : 1;
        }

        return options;
    }
}
