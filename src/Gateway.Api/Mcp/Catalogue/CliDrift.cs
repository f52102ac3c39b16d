using Gateway.Api.Mcp.Answers;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Catalogue;

/// <summary>Holds what workers have installed against what this gateway was tested with.</summary>
internal static class CliDrift
{
    private const string NobodyTold = "No worker has told yet; ask again in a minute.";

    /// <summary>One CLI.</summary>
    /// <param name="cli">One of <see cref="AgentClis"/>.</param>
    /// <param name="seen">What workers told of it.</param>
    public static VersionsAnswer.VersionView Of(string cli, IEnumerable<SeenCli> seen)
    {
        var reports = seen.Where(one => one.Report.Cli == cli).OrderByDescending(one => one.LastHeartbeatAt).ToList();
        var newest = (reports.Find(one => one.Report.Version is not null) ?? reports.FirstOrDefault())?.Report;
        var missing = reports.SelectMany(one => one.Report.MissingFlags ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new VersionsAnswer.VersionView
        {
            Cli = cli,
            Installed = newest?.Version is not null,
            Version = newest?.Version,
            TestedVersion = TestedVersions.All[cli],
            Drift = Word(newest?.Version, TestedVersions.All[cli]),
            LoginStatus = newest?.Login ?? CliLogins.Unknown,
            LoginGuidance = newest?.LoginGuidance,
            Workers = [.. reports.OrderBy(one => one.Worker, StringComparer.Ordinal).Select(one => new VersionsAnswer.WorkerVersionView(one.Worker, one.Report.Version))],
            MissingFlags = missing.Count > 0 ? missing : null,
            Error = newest is null ? NobodyTold : newest.Error,
        };
    }

    /// <summary>How an installed version stands to the tested one.</summary>
    /// <param name="installed">What the program says; null when it says nothing.</param>
    /// <param name="tested">The tested version.</param>
    public static string Word(string? installed, string tested)
    {
        if (installed == tested)
        {
            return "none";
        }

        // What follows on the three numbers is a build of the same version.
        return Numbers(installed) is { } one && Numbers(tested) is { } other && one.CompareTo(other) is var order and not 0 ? order > 0 ? "newer" : "older" : "unknown";
    }

    private static Version? Numbers(string? text)
    {
        var numbers = text is null ? "" : new string([.. text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        return Version.TryParse(numbers.TrimEnd('.'), out var version) ? version : null;
    }
}
