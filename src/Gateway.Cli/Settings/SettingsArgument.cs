using System.CommandLine;

namespace Gateway.Cli.Settings;

/// <summary>Settings as a host of ours takes them: after <c>--</c>, beside the files and the environment that the host would read.</summary>
internal sealed class SettingsArgument
{
    private readonly Argument<string[]> argument = new("settings")
    {
        Description = "After --, settings as the program takes them, such as -- --Storage:Provider=PostgreSql. The environment and an appsettings.json of this directory count as at its start.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Gives a command the argument.</summary>
    public Command On(Command command)
    {
        command.Add(argument);
        return command;
    }

    /// <summary>The arguments of the host that is meant.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="folder">A data folder that was named; null for none.</param>
    public string[] Of(ParseResult parsed, string? folder) => [.. folder is null ? (string[])[] : ["--Data:Folder", folder], .. parsed.GetValue(argument) ?? []];
}
