using System.CommandLine;

namespace Gateway.Cli.Audit;

/// <summary>Which records are meant.</summary>
internal sealed class AuditFilterOptions
{
    private readonly (string Name, Option<string?> Option)[] all =
    [
        ("since", new("--since") { Description = "From this time on, such as 2026-11-28T15:00:00Z." }),
        ("until", new("--until") { Description = "Before this time." }),
        ("tenant", new("--tenant") { Description = "Only this tenant." }),
        ("tool", new("--tool") { Description = "Only this tool." }),
        ("decision", new("--decision") { Description = "Only this decision: allowed, denied, held or done." }),
        ("caller", new("--caller") { Description = "Only this caller; an operator is operator: and the user id." }),
        ("job", new("--job") { Description = "Only about this job." }),
    ];

    /// <summary>Gives a command the options.</summary>
    public Command On(Command command)
    {
        foreach (var (_, option) in all)
        {
            command.Add(option);
        }

        return command;
    }

    /// <summary>What was given, as further members of a query.</summary>
    public string QueryOf(ParseResult parsed) =>
        string.Concat(all.Where(one => parsed.GetValue(one.Option) is not null).Select(one => $"&{one.Name}={Uri.EscapeDataString(parsed.GetValue(one.Option) ?? "")}"));
}
