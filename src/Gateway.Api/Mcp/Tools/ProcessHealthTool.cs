using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Capacity, queues, store and broker. Also answers when the store is away: then it is needed most.</summary>
internal sealed class ProcessHealthTool(IOptions<GatewayMcpOptions> options, ILogger<ProcessHealthTool> logger) : GatewayTool(TheCard, logger)
{
    private const int MostJobs = 100;

    private static readonly ToolCard TheCard = new()
    {
        Name = "llm_process_health",
        Title = "Health of the gateway",
        Description = "Tells whether jobs can be taken and run now: free capacity, waiting jobs, store and broker.",
        Scope = Scopes.JobsRead,
        Arguments = new ArgumentTable(),
        Members = [("ready", "boolean"), ("runningJobs", "integer"), ("queuedJobs", "integer"), ("backpressure", "object"), ("persistence", "object"), ("broker", "object")],
        ReadOnly = true,
        Idempotent = true,
    };

    protected override async Task<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ThrowIfFaulty(call);
        HealthAnswer answer;
        try
        {
            var health = await call.Jobs.ReadHealthAsync(call.Identity.Caller, cancellationToken).ConfigureAwait(false);
            answer = Of(health) with { Drift = DriftOf(await call.Jobs.ReadClisAsync(cancellationToken).ConfigureAwait(false)) };
            answer = call.Identity.Has(Scopes.JobsAdmin) ? await AddForAdminsAsync(call, answer, health, cancellationToken).ConfigureAwait(false) : answer;
        }
        catch (StoreUnavailableException)
        {
            answer = new HealthAnswer { Ready = false, Persistence = Persistence("unknown", reachable: false), Broker = Broker(), Isolation = options.Value.Isolation(), RunLimits = options.Value.RunLimits };
        }

        return ToolReply.Of(answer, AnswerJson.Default.HealthAnswer, InWords(answer));
    }

    private static async Task<HealthAnswer> AddForAdminsAsync(ToolCall call, HealthAnswer answer, HealthView health, CancellationToken cancellationToken)
    {
        var running = await call.Jobs.ListAsync(call.Identity.Caller, new JobFilter { Statuses = [JobStatus.Running], Limit = MostJobs }, cancellationToken).ConfigureAwait(false);
        return answer with
        {
            Workers = health.Workers,
            Jobs = [.. running.Jobs.Select(job => Seen(call, job))],
            OutboxPending = health.OutboxPending,
        };
    }

    private HealthAnswer Of(HealthView health)
    {
        var running = health.RunningByProvider.Values.Sum();
        var queued = health.QueuedByProvider.Values.Sum();
        var slots = health.Workers.Sum(w => w.Slots);
        var broker = Broker();
        return new HealthAnswer
        {
            Ready = broker.Connected && slots > 0 && queued < health.MaxQueued,
            RunningJobs = health.RunningJobs,
            QueuedJobs = health.QueuedJobs,
            DeadJobs = health.DeadMessages,
            Backpressure = new HealthAnswer.BackpressureView(new HealthAnswer.JobsBackpressureView
            {
                Running = running,
                Queued = queued,
                RunningByProvider = health.RunningByProvider,
                QueuedByProvider = health.QueuedByProvider,
                Slots = slots,
                MaxQueued = health.MaxQueued,
                Rejected = health.Rejected,
                Saturated = queued >= health.MaxQueued,
            }),
            Persistence = Persistence(health.Backend, reachable: true),
            Broker = broker,
            Parked = [.. health.Parked.Select(resting => new HealthAnswer.ParkedView(resting.Cli, resting.ResetsAt))],
            Isolation = options.Value.Isolation(),
            RunLimits = options.Value.RunLimits,
        };
    }

    private static List<HealthAnswer.DriftView>? DriftOf(IReadOnlyList<SeenCli> seen)
    {
        var drift = AgentClis.All.Select(cli => CliDrift.Of(cli, seen)).Where(one => one.MissingFlags is not null).Select(one => new HealthAnswer.DriftView(one.Cli, one.Version, one.MissingFlags ?? [])).ToList();
        return drift.Count > 0 ? drift : null;
    }

    private HealthAnswer.BrokerView Broker() => new(options.Value.BrokerKind, options.Value.BrokerConnected());

    private HealthAnswer.PersistenceView Persistence(string backend, bool reachable) =>
        new(backend, reachable, options.Value.RetentionDays, (long)options.Value.DedupWindow.TotalMilliseconds);

    private static string InWords(HealthAnswer answer)
    {
        if (answer.Backpressure is not { Jobs: var jobs })
        {
            return "Not ready: the store cannot be reached.";
        }

        var state = answer.Ready ? "Ready" : jobs.Slots == 0 ? "Not ready: no worker is there" : "Not ready";
        return $"{state}. {jobs.Running} of {jobs.Slots} slots are running, {jobs.Queued} jobs wait. Yours: {answer.RunningJobs} running, {answer.QueuedJobs} queued.";
    }
}
