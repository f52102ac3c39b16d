using System.Collections.Concurrent;
using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Credentials;

/// <summary>Finds the value of a named credential. A value leaves this class in a <see cref="ProviderCredential"/> only.</summary>
internal sealed partial class CredentialStore(IOptionsMonitor<CredentialsOptions> options, TimeProvider clock, ILogger<CredentialStore> logger)
{
    private static readonly TimeSpan HelperTimeout = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, (string Value, DateTimeOffset Until)> _helped = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gives what a run logs in with.</summary>
    /// <param name="name">Name of the credential.</param>
    /// <param name="cancellationToken">Ends a helper program.</param>
    /// <exception cref="RunRefusedException">There is none, or it cannot be read: <c>auth_error</c> that names it and says what to do.</exception>
    public async Task<ProviderCredential> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.TryGetValue(name, out var credential))
        {
            throw Refused(name, $"is not known to this worker. Add it as {CredentialsOptions.Section}:{name} there, or use another one.");
        }

        return credential.Kind switch
        {
            "login" => new ProviderCredential(name, CredentialKind.Login, null),
            "helper" => new ProviderCredential(name, CredentialKind.ApiKey, await AskHelperAsync(name, credential, cancellationToken)),
            "auth_token" => new ProviderCredential(name, CredentialKind.AuthToken, await ReadFileAsync(name, credential.File, cancellationToken)),
            _ => new ProviderCredential(name, CredentialKind.ApiKey, await ReadFileAsync(name, credential.File, cancellationToken)),
        };
    }

    private async Task<string> ReadFileAsync(string name, string? path, CancellationToken cancellationToken)
    {
        if (CredentialFile.FaultOf(name, path) is { } fault)
        {
            throw Refused(name, fault);
        }

        try
        {
            return NotEmpty(name, await File.ReadAllTextAsync(path ?? "", cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CredentialUnreadable(name, e.GetType().Name);
            throw Refused(name, CredentialFile.Unreadable);
        }
    }

    private async Task<string> AskHelperAsync(string name, CredentialOptions credential, CancellationToken cancellationToken)
    {
        if (_helped.TryGetValue(name, out var known) && known.Until > clock.GetUtcNow())
        {
            return known.Value;
        }

        var environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ["LANG"] = "C.UTF-8",
        };
        var said = await ProgramRunner.CaptureAsync(
            credential.Command ?? "", [.. credential.Arguments], environment, HelperTimeout, CredentialFile.LongestValueBytes, cancellationToken);
        if (said.ExitCode != 0 || said.TimedOut || said.Truncated)
        {
            CredentialHelperFailed(name, said.ExitCode, said.TimedOut);
            throw Refused(name, $"could not be had: its helper program {(said.TimedOut ? "took longer than 15 s" : "failed")}. Run the one that {CredentialsOptions.Section}:{name}:Command names by hand on the worker.");
        }

        var value = NotEmpty(name, Encoding.UTF8.GetString(said.Stdout));
        _helped[name] = (value, clock.GetUtcNow() + credential.CacheFor);
        return value;
    }

    private static string NotEmpty(string name, string text)
    {
        var value = text.Trim();
        return CredentialFile.IsValue(value) ? value : throw Refused(name, CredentialFile.NoValue);
    }

    private static RunRefusedException Refused(string name, string what) =>
        RunRefusedException.Of(FailureKinds.AuthError, $"Credential '{name}' {what}");

    [LoggerMessage(EventId = 3060, Level = LogLevel.Warning, Message = "Credential {Name} could not be read: {Fault}")]
    private partial void CredentialUnreadable(string name, string fault);

    [LoggerMessage(EventId = 3061, Level = LogLevel.Warning, Message = "Credential {Name}: helper ended with exit code {ExitCode}, timed out {TimedOut}")]
    private partial void CredentialHelperFailed(string name, int exitCode, bool timedOut);
}
