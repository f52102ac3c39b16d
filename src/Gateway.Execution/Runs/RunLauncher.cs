using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>Makes a started process of a grant.</summary>
internal sealed class RunLauncher(
    CredentialStore credentials, DirectoryKeeper directories, ProviderSet providers, RunNotes notes, IOptions<WorkerOptions> options)
{
    /// <summary>Starts a run, or finds it when it was started before.</summary>
    /// <param name="request">The command that asked for it.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="runner">Where it is started.</param>
    /// <param name="deadline">Time from now until which it lives without a renewed lease.</param>
    /// <param name="cancellationToken">Gives up; the run may have been started.</param>
    /// <exception cref="RunRefusedException">It cannot be started as stated; nothing was.</exception>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public async Task<(SpooledRun Run, RunNote Note)> LaunchAsync(
        RunClaudeRequest request, RunGrant grant, IRunner runner, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var key = new RunKey(request.JobId, request.Attempt);
        var provider = providers.Of(request.Provider);
        var credential = await credentials.FindAsync(grant.CredentialName, cancellationToken);
        var places = directories.Prepare(key, grant, credential.Kind, provider.ConfigFolder);
        var note = Note(provider, grant, places, credential.Kind);
        var resumes = Resumes(provider, key, grant, note);
        note = note with
        {
            Resumes = resumes,
            EarlierCostUsd = resumes ? grant.SpentUsd : 0,
            EarlierTokens = resumes && provider.FindTranscript(note) is { } transcript ? provider.TokensOf(transcript) : null,
            Tenant = request.Tenant,
            TraceParent = request.TraceParent,
        };
        var launch = new AgentLaunch
        {
            Key = key,
            Grant = grant,
            Resumes = resumes,
            Directories = places,
            Credential = credential,
            TraceParent = request.TraceParent,
        };
        var command = provider.Command(launch);
        provider.Prepare(launch);
        notes.Write(key, note);
        var run = await runner.StartAsync(Start(key, grant, command, places, runner, deadline), cancellationToken);
        return (run, note);
    }

    private static RunNote Note(IAgentProvider provider, RunGrant grant, RunDirectories places, CredentialKind kind) => provider.Describe(
        new RunNote
        {
            Provider = provider.Name,
            SessionId = grant.SessionId,
            CredentialName = grant.CredentialName,
            ConfigDirectory = places.Config,
            ConfigIsOwn = kind != CredentialKind.Login,
            Timeout = grant.Timeout,
            IdleTimeout = grant.IdleTimeout,
        },
        grant);

    private static bool Resumes(IAgentProvider provider, RunKey key, RunGrant grant, RunNote note)
    {
        var transcript = provider.FindTranscript(note);
        if (transcript is not null && provider.CanResume(transcript))
        {
            // An earlier attempt got further than the control plane knows: its conversation id cannot be begun anew.
            return grant.Resume || key.Attempt > 1;
        }

        if (grant.Resume && grant.Writes)
        {
            throw new RunRefusedException(new RunFailure
            {
                Kind = FailureKinds.WorkerLost,
                Message = "The worker was lost, and with it the conversation of a run that may have changed files, so it is not begun anew. Look at what it did, then ask again.",
                Retryable = true,
            });
        }

        if (transcript is not null)
        {
            // No turn is in it, but the CLI would say that its id is in use.
            File.Delete(transcript);
        }

        return false;
    }

    private StartRun Start(
        RunKey key, RunGrant grant, AgentCommand command, RunDirectories places, IRunner runner, TimeSpan deadline) => new()
    {
        Id = new RunId(key.JobId, key.Attempt),
        Program = RealPath.Of(command.Program) ?? command.Program,
        Arguments = command.Arguments,
        Environment = command.Environment,
        WorkingDirectory = places.Work,
        WorkingDirectoryIdentity = places.WorkIdentity,
        Stdin = command.Stdin,
        Secret = command is { Secret: { } secret, SecretVariable: { } variable }
            ? new RunSecret(variable, System.Text.Encoding.UTF8.GetBytes(secret))
            : null,
        Timeout = grant.Timeout,
        IdleTimeout = grant.IdleTimeout,
        Deadline = deadline,
        StopGrace = options.Value.CancelGrace,
        OutputCapBytes = options.Value.OutputCapBytes,
        Sandbox = Sandbox(grant, command, places, runner),
    };

    private RunSandbox Sandbox(RunGrant grant, AgentCommand command, RunDirectories places, IRunner runner)
    {
        var mode = options.Value.Sandbox switch
        {
            SandboxChoice.None => SandboxMode.None,
            SandboxChoice.Process => SandboxMode.Process,
            SandboxChoice.Workspace => SandboxMode.Workspace,
            _ => runner.Containment == "bubblewrap" ? SandboxMode.Workspace : SandboxMode.Process,
        };
        var mayWrite = places.WorkIsPrivate || grant.Writes;

        // With the user's own login only the CLI's folder in that home is shown.
        var home = Path.GetDirectoryName(places.Temporary) == Path.GetDirectoryName(places.Home) ? places.Home : places.Config;
        return new RunSandbox
        {
            Mode = mode,
            WritablePaths = [home, places.Temporary, .. mayWrite ? [places.Work] : (string[])[]],
            ReadOnlyPaths = [.. options.Value.SandboxReadOnlyPaths.Where(Path.Exists), .. command.ReadOnlyPaths, .. mayWrite ? [] : (string[])[places.Work]],
        };
    }
}
