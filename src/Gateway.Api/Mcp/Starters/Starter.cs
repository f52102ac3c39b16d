using System.Globalization;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Mcp.Workspaces;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Sessions;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// How jobs of one CLI are asked for: the tools that start them, their arguments, and what these mean. Turns the loose
/// arguments of a call into a <see cref="RunRequest"/>, once and completely. One subclass for each CLI.
/// </summary>
internal abstract class Starter
{
    private const string High = "high";
    private const string Model = "model";
    private const int DefaultTimeoutMs = 3_600_000;
    private const int DefaultIdleTimeoutMs = 600_000;
    private const int DefaultMaxAttempts = 3;
    private static readonly TimeSpan FarthestStart = TimeSpan.FromDays(30);
    private readonly PlacementRule places;
    private readonly McpServerRule servers;
    private readonly ModelCatalogue models;
    private readonly TimeProvider clock;

    /// <summary>Makes it.</summary>
    /// <param name="cli">One of <see cref="AgentClis"/>.</param>
    /// <param name="own">Arguments of this CLI alone.</param>
    /// <param name="workspaces">Where runs may work.</param>
    /// <param name="options">What the operator opens to callers.</param>
    /// <param name="servers">Which MCP servers runs may have.</param>
    /// <param name="models">Which names stand for which models.</param>
    /// <param name="clock">Tells how far ahead a start is.</param>
    protected Starter(string cli, IReadOnlyList<ArgumentSpec> own, IOptions<WorkspaceOptions> workspaces, IOptions<StarterOptions> options, McpServerRule servers, ModelCatalogue models, TimeProvider clock)
    {
        Cli = cli;
        AsyncTool = $"{cli}_request_async";
        WaitingTool = $"{cli}_request";
        ArgumentSpec[] specs = [.. StarterArguments.OfEvery(), .. own];
        Arguments = Table(specs);
        // What they mean is said once: the list of tools has to stay small.
        WaitingArguments = Table([.. specs.Select(spec => spec with { Description = null, Default = null }), StarterArguments.Wait]);
        places = new PlacementRule(new WorkspaceBook(workspaces), cli);
        Options = options.Value;
        this.servers = servers;
        this.models = models;
        this.clock = clock;
    }

    /// <summary>One of <see cref="AgentClis"/>.</summary>
    public string Cli { get; }

    /// <summary>The tool that answers at once.</summary>
    public string AsyncTool { get; }

    /// <summary>The tool that waits for the answer.</summary>
    public string WaitingTool { get; }

    /// <summary>Arguments of <see cref="AsyncTool"/>.</summary>
    public ArgumentTable Arguments { get; }

    /// <summary>Arguments of <see cref="WaitingTool"/>.</summary>
    public ArgumentTable WaitingArguments { get; }

    /// <summary>Name of the CLI for people.</summary>
    public abstract string Title { get; }

    /// <summary>What a caller has to know of the CLI's permissions, as one sentence.</summary>
    public abstract string Permissions { get; }

    /// <summary>The arguments that the CLI takes in a new session alone.</summary>
    public virtual IReadOnlyList<string> OfNewSessions => [];

    /// <summary>What the operator opens to callers.</summary>
    protected StarterOptions Options { get; }

    /// <summary>The credential that pays for a run.</summary>
    protected virtual string CredentialName => Cli;

    /// <summary>The workspace or root in which the directory of a session lies.</summary>
    /// <param name="directory">The directory.</param>
    public Placement PlaceAt(string directory) => places.PlaceAt(directory);

    /// <summary>What the policy engine has to know of one of its tools.</summary>
    /// <param name="tool"><see cref="AsyncTool"/> or <see cref="WaitingTool"/>.</param>
    public ToolFacts FactsOf(string tool) => new(
        tool, IsStarter: true, IsReadOnly: false, (tool == WaitingTool ? WaitingArguments : Arguments).Specs.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal));

    /// <summary>The request of a call, with the conversation that it goes on with.</summary>
    /// <param name="call">The call.</param>
    /// <param name="tool">The tool whose arguments these are.</param>
    /// <param name="arguments">They were checked one by one.</param>
    /// <param name="takesActive">The active session is gone on with when no session argument is given.</param>
    /// <param name="whenFaulty">Called before faults are told.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ToolException">Something is wrong, with all faults; a scope is lacking; or there is no such session.</exception>
    public Task<RunRequest> ReadAsync(ToolCall call, string tool, ParsedArguments arguments, bool takesActive, Action<FaultList>? whenFaulty, CancellationToken cancellationToken) =>
        SessionChoice.ApplyAsync(call, tool, arguments, Parse(tool, arguments, call.Identity, call.TraceParent, whenFaulty), takesActive, this, whenFaulty, cancellationToken);

    /// <summary>The request of a call whose arguments were checked one by one, but for its conversation.</summary>
    /// <param name="tool">The tool that was called.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="identity">Who calls.</param>
    /// <param name="traceParent">W3C trace context of the call.</param>
    /// <param name="whenFaulty">Called before faults are told.</param>
    /// <exception cref="ToolException">Something is wrong, with all faults; or a scope is lacking.</exception>
    public RunRequest Parse(string tool, ParsedArguments arguments, Identity identity, string? traceParent, Action<FaultList>? whenFaulty = null)
    {
        var prompt = PromptRule.Check(arguments);
        if (arguments.Text(Model) is { } name)
        {
            arguments.Values[Model] = models.MeantBy(Cli, name);
        }

        CheckStart(arguments);
        SessionWish.Check(arguments);
        var placement = places.Check(arguments, identity.Caller.Tenant);
        var run = PlacesOf(arguments, placement, identity.Caller.Tenant);
        var reached = servers.Check(arguments, identity.Caller.Tenant, Cli);
        var agent = Read(arguments);
        if (arguments.Faults.Count > 0 || prompt is null)
        {
            whenFaulty?.Invoke(arguments.Faults);
            throw ToolException.InvalidInput(tool, arguments.Faults);
        }

        if (placement.Unknown is { } unknown)
        {
            throw ToolException.UnknownWorkspace(unknown, "workspace");
        }

        ThrowUnlessMay(arguments, identity);
        var writes = CanWrite(arguments) || reached.Any(server => !server.ReadOnly);
        return new RunRequest
        {
            Tool = tool,
            Cli = Cli,
            Prompt = prompt,
            Agent = agent,
            ArgumentsJson = StoredArguments.Of(arguments),
            Writes = writes,
            McpServers = [.. arguments.List(McpServerRule.Argument).Distinct(StringComparer.Ordinal)],
            Conversation = agent.KeepsSession ? ConversationChoice.New : ConversationChoice.Unkept,
            // Two that change the same files at once would undo each other; in a worktree of its own a run has its own files.
            Turns = writes && placement.Directory is { } changed && run?.Worktree is null ? [DirectoryTurn.Of(placement.Pool, changed)] : [],
            Workspace = placement.Workspace?.Name,
            WorkingDirectory = placement.Directory,
            Places = run,
            Pool = placement.Pool,
            CredentialName = CredentialName,
            Timeout = TimeSpan.FromMilliseconds(arguments.Number("timeoutMs") ?? DefaultTimeoutMs),
            IdleTimeout = TimeSpan.FromMilliseconds(arguments.Number("idleTimeoutMs") ?? DefaultIdleTimeoutMs),
            MaxAttempts = (int)(arguments.Number("maxAttempts") ?? DefaultMaxAttempts),
            OnUsageLimit = arguments.Text(StarterArguments.OnUsageLimit) switch
            {
                null => null,
                StarterArguments.Park => UsageLimitChoice.Park,
                _ => UsageLimitChoice.Fail,
            },
            Priority = JobPriority.NumberOf(arguments.Text("priority") ?? "normal"),
            StartAfter = arguments.Time("startAfter"),
            Labels = arguments.List("labels"),
            CorrelationId = arguments.Text("correlationId") ?? Guid.NewGuid().ToString("D"),
            IdempotencyKey = arguments.Text("idempotencyKey"),
            Dedup = !arguments.Flag("forceRefresh") && (arguments.Has("dedup") ? arguments.Flag("dedup") : !writes),
            CallerAsks = CallerQuestionRule.Asks(arguments, Options.ApprovalPolicy, writes, agent.BypassesPermissions),
            TraceParent = traceParent,
        };
    }

    /// <summary>The argument that names further directories for the run; null for a CLI that has none.</summary>
    protected virtual string? AddDirArgument => null;

    /// <summary>The argument that names images for the run; null for a CLI that has none.</summary>
    protected virtual string? ImagesArgument => null;

    /// <summary>What the CLI is asked for. Adds every fault and warning about its own arguments; the value counts only without faults.</summary>
    protected abstract AgentRequest Read(ParsedArguments arguments);

    /// <summary>Whether the run can change files (TOOLS: writing run).</summary>
    protected abstract bool CanWrite(ParsedArguments arguments);

    /// <summary>The arguments that need the scope <c>bypass:permissions</c>, with what was asked for; asked only without faults.</summary>
    protected abstract IEnumerable<(string Field, string Asked)> Bypasses(ParsedArguments arguments);

    private RunPlaces? PlacesOf(ParsedArguments arguments, Placement placement, string tenant)
    {
        var worktree = WorktreeRule.Check(arguments, placement);
        var more = AddDirArgument is { } name ? places.CheckPaths(arguments, name, placement, tenant) : [];
        if (more.Count > 0 && placement is { Unknown: null, Workspace: not { Alias.AllowAddDir: true } })
        {
            arguments.Faults.Add(AddDirArgument!, $"{more.Count} paths", "only in a workspace that allows further directories", "name one that workspace_list shows with allow_add_dir, or leave it out");
        }

        var images = ImagesArgument is { } shown ? places.CheckPaths(arguments, shown, placement, tenant) : [];
        return placement.Work is null && images.Count == 0 ? null : new RunPlaces
        {
            Work = placement.Work,
            Worktree = worktree,
            AddDirs = more.Count == 0 ? null : [.. more.Select(placement.PlaceOf)],
            Images = images.Count == 0 ? null : [.. images.Select(placement.PlaceOf)],
        };
    }

    private static ArgumentTable Table(IReadOnlyList<ArgumentSpec> specs) => new(StarterMovedArguments.All, specs) { ExactlyOneOf = (PromptRule.Prompt, PromptParts.Argument) };

    private void CheckStart(ParsedArguments arguments)
    {
        if (arguments.Time("startAfter") is { } start && start > clock.GetUtcNow() + FarthestStart)
        {
            arguments.Faults.Add("startAfter", start.ToString("O", CultureInfo.InvariantCulture), "at most 30 days ahead", "send an earlier time, or submit the job later");
        }
    }

    private void ThrowUnlessMay(ParsedArguments arguments, Identity identity)
    {
        if (!identity.Has(Scopes.BypassPermissions) && Bypasses(arguments).FirstOrDefault() is { Field: { } field, Asked: { } asked })
        {
            throw ToolException.Because(ErrorKinds.Forbidden, $"{asked} needs the scope {Scopes.BypassPermissions}, which your credential does not carry.", field);
        }

        if (arguments.Text("priority") == High && !identity.Has(Scopes.JobsAdmin))
        {
            throw ToolException.Because(ErrorKinds.Forbidden, $"priority {High} needs the scope {Scopes.JobsAdmin}, which your credential does not carry.", "priority");
        }
    }
}
