using System.Text;
using System.Text.RegularExpressions;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Surveys;

/// <summary>Asks an installed CLI what it is. Nothing of it reaches a model provider: only its version and its help are printed.</summary>
internal sealed partial class CliInspection(CredentialStore credentials, IOptions<WorkerOptions> options)
{
    private const int MostHelpBytes = 512 * 1024;
    private const int MostVersionBytes = 4 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    /// <summary>Which program file a CLI is now; changes when another one is installed. Null when there is none.</summary>
    /// <param name="contract">What is relied on.</param>
    /// <param name="cli">The CLI.</param>
    public static string? MarkOf(AgentContract contract, string cli)
    {
        if (PathOf(contract, cli) is not { } path || RealPath.Of(path) is not { } real)
        {
            return null;
        }

        var file = new FileInfo(real);
        return file.Exists ? FormattableString.Invariant($"{real} {file.Length} {file.LastWriteTimeUtc.Ticks}") : null;
    }

    /// <summary>Looks at one CLI.</summary>
    /// <param name="cli">Its name.</param>
    /// <param name="contract">What is relied on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CliReport> LookAsync(string cli, AgentContract contract, CancellationToken cancellationToken)
    {
        var report = await LogInAsync(new CliReport { Cli = cli }, contract, cancellationToken);
        if (PathOf(contract, cli) is not { } program)
        {
            return report with { Error = $"The {cli} CLI is not installed on this worker." };
        }

        var said = await AskAsync(program, contract, ["--version"], MostVersionBytes, cancellationToken);
        if (said.ExitCode != 0 || said.TimedOut || VersionOf(said.Stdout) is not { } version)
        {
            return report with { Error = said.StartError is null ? $"The {cli} CLI does not say its version." : $"The {cli} CLI cannot be started." };
        }

        List<string> missing = [];
        foreach (var page in contract.Pages)
        {
            var help = await AskAsync(program, contract, page.Words, MostHelpBytes, cancellationToken);
            var flags = FlagPattern().Matches(Encoding.UTF8.GetString(help.Stdout)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
            missing.AddRange(page.Flags.Where(flag => !flags.Contains(flag)));
        }

        return report with { Version = version, MissingFlags = [.. missing.Distinct(StringComparer.Ordinal)] };
    }

    private static string? PathOf(AgentContract contract, string cli)
    {
        try
        {
            var path = ProgramPath.Of(contract.Program, contract.SearchPath, cli);
            return File.Exists(path) ? path : null;
        }
        catch (RunRefusedException)
        {
            return null;
        }
    }

    private static string? VersionOf(byte[] said)
    {
        var match = VersionPattern().Match(Encoding.UTF8.GetString(said));
        return match.Success ? match.Value : null;
    }

    private async Task<CliReport> LogInAsync(CliReport report, AgentContract contract, CancellationToken cancellationToken)
    {
        try
        {
            var found = await credentials.FindAsync(contract.CredentialName, cancellationToken);
            return report with { Login = found.Kind == CredentialKind.Login ? CliLogins.Own : CliLogins.Configured };
        }
        catch (RunRefusedException refused)
        {
            return report with { Login = CliLogins.Missing, LoginGuidance = refused.Failure.Message };
        }
    }

    // In a home of its own: what the program keeps there is nobody's settings.
    private Task<CapturedProgram> AskAsync(string program, AgentContract contract, IReadOnlyList<string> words, int mostBytes, CancellationToken cancellationToken)
    {
        var home = Path.Combine(options.Value.DataFolder, "survey-home");
        Directory.CreateDirectory(home, OwnerOnly);
        return ProgramRunner.CaptureAsync(
            program,
            words,
            new Dictionary<string, string>
            {
                ["PATH"] = contract.SearchPath,
                ["HOME"] = home,
                ["LANG"] = "C.UTF-8",
                ["NO_COLOR"] = "1",
                ["DISABLE_AUTOUPDATER"] = "1",
                ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
                ["GEMINI_TELEMETRY_ENABLED"] = "false",
            },
            Time,
            mostBytes,
            cancellationToken);
    }

    [GeneratedRegex(@"--[a-z][a-z0-9-]*", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex FlagPattern();

    [GeneratedRegex(@"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}[0-9A-Za-z.+-]{0,40}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
