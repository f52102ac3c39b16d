using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Conversations;
using Gateway.Execution.Credentials;
using Gateway.Execution.McpServers;
using Gateway.Execution.Providers;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>Makes a started process of a grant.</summary>
internal sealed class RunLauncher(
    CredentialStore credentials, DirectoryKeeper directories, ProviderSet providers, ConversationKeeper conversations, RunNotes notes, WorktreeEntry worktrees, McpServerShelf servers, RunKeys keys, IOptions<WorkerOptions> options,
    IOptions<RunLimitOptions> limits)
{
    /// <summary>Starts a run, or finds it when it was started before.</summary>
    /// <param name="request">The command that asked for it.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="runner">Where it is started.</param>
    /// <param name="deadline">Time, from when it is asked for, until which the run lives without a renewed lease.</param>
    /// <param name="wanted">Canceled when the run is not wanted any more, as long as nothing is started.</param>
    /// <param name="cancellationToken">Gives up; the run may have been started.</param>
    /// <exception cref="RunRefusedException">It cannot be started as stated; nothing was.</exception>
    /// <exception cref="RunnerException">The connection is gone.</exception>
    public async Task<(SpooledRun Run, RunNote Note)> LaunchAsync(
        RunClaudeRequest request, RunGrant grant, IRunner runner, Func<TimeSpan> deadline, CancellationToken wanted, CancellationToken cancellationToken)
    {
        var key = new RunKey(request.JobId, request.Attempt);
        var provider = providers.Of(request.Provider);
        var credential = await credentials.FindAsync(grant.CredentialName, cancellationToken);
        var reached = servers.Take(grant.McpServers, request.Tenant, provider.Name);
        var places = directories.Prepare(key, grant, credential.Kind, provider.ConfigFolder, request.Tenant, provider.Name);
        ThrowUnlessItsTurn(request, grant, places, runner);
        places = await worktrees.EnterAsync(key, grant, places, request.Tenant, provider.Name, cancellationToken);
        var note = Note(provider, grant, places, credential.Kind) with { Worktree = places.Worktree, McpServers = reached.Count == 0 ? null : [.. reached.Select(server => server.Name)] };
        var launch = new AgentLaunch
        {
            Key = key,
            Grant = grant,
            Resumes = false,
            Directories = places,
            Credential = credential,
            McpServers = reached,
            TraceParent = request.TraceParent,
        };
        var start = await conversations.PrepareAsync(launch, provider, note, runner, wanted);
        launch = launch with { Resumes = start.Path is not null, Continues = start.Continues };
        note = note with
        {
            Resumes = launch.Resumes,
            EarlierCostUsd = launch.Resumes ? grant.Conversation?.Earlier?.CostUsd ?? grant.SpentUsd : 0,
            EarlierTokens = start.Path is { } path ? provider.TokensOf(path) : null,
            Tenant = request.Tenant,
            TraceParent = request.TraceParent,
        };
        var command = provider.Command(launch);
        command = command with { ReadOnlyPaths = [.. command.ReadOnlyPaths, .. reached.SelectMany(server => server.ReadOnlyPaths)] };
        provider.Prepare(launch);
        notes.Write(key, note);
        keys.Remember(key, credential, reached);
        var run = await runner.StartAsync(Start(key, grant, command, places, runner, Left(deadline())), cancellationToken);
        return (run, note);
    }

    // A link may have been led elsewhere since the turn was asked for. What the runner has already is where it is.
    private static void ThrowUnlessItsTurn(RunClaudeRequest request, RunGrant grant, RunDirectories places, IRunner runner)
    {
        if (grant.DirectoryTurns is { } turns && !places.WorkIsPrivate && !turns.Contains(DirectoryTurnKey.Of(request.Pool, places.Work))
            && !runner.Has(new RunId(request.JobId, request.Attempt)))
        {
            throw new RunRefusedException(new RunFailure
            {
                Kind = FailureKinds.Internal,
                Message = "The working directory became another one while the run was being started, and nothing was started in it. Another attempt may follow.",
                Retryable = true,
                Again = true,
            });
        }
    }

    // To fetch a conversation takes time, in which the lease may have ended.
    private static TimeSpan Left(TimeSpan deadline) => deadline > TimeSpan.Zero ? deadline : throw new RunRefusedException(new RunFailure
    {
        Kind = FailureKinds.Internal,
        Message = "The conversation of the run could not be fetched in time. The control plane was too slow; another attempt may follow.",
        Retryable = true,
        Again = true,
    });

    private static RunNote Note(IAgentProvider provider, RunGrant grant, RunDirectories places, CredentialKind kind) => provider.Describe(
        new RunNote
        {
            Provider = provider.Name,
            SessionId = grant.SessionId,
            CredentialName = grant.CredentialName,
            ConfigDirectory = places.Config,
            WorkOfSession = grant.WorkingDirectory is null ? grant.WorkOfSession : null,
            ConfigIsOwn = kind != CredentialKind.Login,
            Timeout = grant.Timeout,
            IdleTimeout = grant.IdleTimeout,
        },
        grant);

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
        Limits = limits.Value.ToLimits(),
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

        string[] own = [places.Worktree?.Path ?? places.Work, .. places.AddDirs];

        // With the user's own login only the CLI's folder in that home is shown.
        var home = Path.GetDirectoryName(places.Temporary) == Path.GetDirectoryName(places.Home) ? places.Home : places.Config;
        return new RunSandbox
        {
            Mode = mode,
            WritablePaths = [home, places.Temporary, .. mayWrite ? [.. own, .. places.Worktree?.WritableParts() ?? []] : (string[])[]],
            ReadOnlyPaths = [.. options.Value.SandboxReadOnlyPaths.Where(Path.Exists), .. command.ReadOnlyPaths, .. mayWrite ? [] : own, .. places.Worktree is { } tree ? [tree.Repository] : (string[])[]],
            Pins = [.. places.Pins.Select(pin => $"{pin.Value.ToMark()} {pin.Key}")],
        };
    }
}
