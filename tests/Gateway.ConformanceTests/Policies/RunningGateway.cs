using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Api.Policies;
using Gateway.ConformanceTests.Support;
using Gateway.Hosting.Startup;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;
using Gateway.Policies.Cases;
using Gateway.Storage;
using Gateway.Storage.Clock;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.ConformanceTests.Policies;

/// <summary>
/// A gateway that runs, as cases are played to it: MCP over HTTP, one key for each identity, its policy in a file, its jobs real
/// processes, and on a clock that the case sets.
/// </summary>
internal sealed class RunningGateway : ICaseGateway
{
    // Paths of cases are those of a machine that has them: here they are below the test's own folder.
    private const string Prefix = "/srv/";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly TestFolder folder = new();
    private readonly PolicyCase one;
    private readonly CaseClock clock;
    private readonly CaseDatabase database;
    private readonly CaseAgent agent;
    private readonly LostTransactions lost = new();
    private readonly CaseCaller caller = new();
    private readonly ConcurrentDictionary<string, string> keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, (string Identity, StepAnswer Answer)> made = [];
    private CaseHost? host;
    private StepAnswer loaded = new();

    private RunningGateway(PolicyCase one, Databases databases)
    {
        this.one = one;
        clock = new CaseClock(one.Epoch);
        database = new CaseDatabase(databases);
        database.Set(one.Epoch);
        agent = new CaseAgent(folder.File("agents"));
    }

    private string Data => folder.File("data");

    private string PolicyFile => folder.File("policies/policy.json");

    /// <summary>Starts one with the policy of the case.</summary>
    public static async Task<RunningGateway> StartAsync(PolicyCase one, Databases databases, CancellationToken cancellationToken)
    {
        var gateway = new RunningGateway(one, databases);
        Directory.CreateDirectory(gateway.Moved("/srv/repos/a/b"));
        Directory.CreateDirectory(gateway.folder.File("policies"));
        await File.WriteAllTextAsync(gateway.folder.File("policies/grants.json"), new JsonObject
        {
            ["version"] = "1",
            ["policies"] = new JsonObject { ["policy"] = "policy.json" },
            ["grants"] = new JsonArray([.. one.Identities.Values.Select(who => new JsonObject
            {
                ["label"] = who.Name,
                ["tenant"] = who.Tenant,
                ["policy"] = "policy",
                ["match"] = new JsonObject { ["api_key"] = who.Name },
            })]),
        }.ToJsonString(), cancellationToken);
        await gateway.WriteAsync(one.PolicyText ?? "", cancellationToken);
        await gateway.BeginAsync(cancellationToken);
        return gateway;
    }

    public async Task SetTimeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        database.Set(now);
        clock.Set(now);
        if (host is not null)
        {
            // The product's own clock of the store, which by now has asked the database.
            var store = host.Services.GetRequiredService<StoreClock>();
            await store.ReadAsync(cancellationToken);
            Assert.Equal(now, store.GetUtcNow());
        }
    }

    public Task<StepAnswer> ReadLoadAsync(CancellationToken cancellationToken) => Task.FromResult(loaded);

    public async Task<StepAnswer> CallAsync(CaseStep step, CancellationToken cancellationToken)
    {
        if (host is null || step.Tool is null)
        {
            return new StepAnswer { IsAllowed = false, Text = "The gateway does not run: its policy could not be loaded." };
        }

        lost.Lose = step.EnqueueFails;
        agent.MayStart(!step.StartFails);
        var answer = await caller.CallAsync(host.Mcp, keys[step.Identity], step.Tool, Moved(step.Arguments.GetRawText()), cancellationToken);
        lost.Lose = false;
        if (step.StartFails && JobOf(answer) is { } job)
        {
            // Only then may there be a program again.
            await EmbeddedJobs.EventuallyAsync(async () => await ViewAsync(step.Identity, job, cancellationToken) is { } view && JobStatus.IsFinal(view.Status), "A job without a program never ended.");
            agent.MayStart(true);
        }

        made.TryAdd(step.Number, (step.Identity, answer));
        return answer;
    }

    public async Task<StepAnswer> ListAsync(string identity, CancellationToken cancellationToken) =>
        host is null ? new StepAnswer() : await caller.ListAsync(host.Mcp, keys[identity], cancellationToken);

    public async Task<StepAnswer> SetPolicyAsync(string text, CancellationToken cancellationToken)
    {
        if (host is null)
        {
            await WriteAsync(text, cancellationToken);
            return new StepAnswer { IsPolicyAccepted = false };
        }

        var book = host.Services.GetRequiredService<PolicyBook>();
        var (before, faults) = (book.Current, book.Faults);
        await WriteAsync(text, cancellationToken);
        await EmbeddedJobs.EventuallyAsync(() => Task.FromResult(book.Current != before || book.Faults != faults), "The edit was never read.");
        return AnswerOf(book);
    }

    public async Task<StepAnswer> RestartAsync(CancellationToken cancellationToken)
    {
        if (host is { } killed)
        {
            host = null;
            await killed.DisposeAsync();
        }

        await BeginAsync(cancellationToken);
        return new StepAnswer { IsOk = host is not null };
    }

    public async Task<StepAnswer> DecideAsync(int of, string by, bool approves, string? comment, CancellationToken cancellationToken)
    {
        if (host is null || !one.Identities.TryGetValue(by, out var who) || !who.MayDecide || !ApprovalIdText.TryParse(made.GetValueOrDefault(of).Answer?.ApprovalId, out var id))
        {
            return new StepAnswer { IsOk = false };
        }

        var outcome = await host.Services.GetRequiredService<ApprovalDesk>().DecideAsync(Decider.Of(new Caller(who.Tenant, who.Name)), id, approves, comment, cancellationToken);
        if (made[of] is var (identity, answer) && JobOf(answer) is { } job && outcome is DecisionOutcome.Decided or DecisionOutcome.Closed { Record.Status: ApprovalStatus.Void })
        {
            // What was decided is stored; its job moves a moment later, or is asked about anew.
            await EmbeddedJobs.EventuallyAsync(async () => await ViewAsync(identity, job, cancellationToken) is var view && (view?.Status != JobStatus.AwaitingApproval || view.ApprovalId != answer.ApprovalId), "A decided job never moved.");
        }

        return new StepAnswer { IsOk = outcome is DecisionOutcome.Decided };
    }

    public async Task<StepAnswer> ReadJobAsync(int of, string? expectedState, CancellationToken cancellationToken)
    {
        var (identity, answer) = made.GetValueOrDefault(of);
        if (JobOf(answer) is not { } job)
        {
            return new StepAnswer { Text = "Step has no job." };
        }

        var began = TimeProvider.System.GetTimestamp();
        var view = await ViewAsync(identity, job, cancellationToken);
        while (!IsSettled(view, job, expectedState) && TimeProvider.System.GetElapsedTime(began) < LongestWait)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            view = await ViewAsync(identity, job, cancellationToken);
        }

        return new StepAnswer
        {
            JobStates = view is null ? [] : [view.Status],
            IsStarted = agent.HasStarted(job),
            Kind = view?.Failure?.Kind,
            Rule = view?.Failure?.Rule,
            Text = view?.Failure?.Reason ?? view?.Failure?.Message ?? "",
            ApprovalId = view?.ApprovalId,
        };
    }

    public async Task<StepAnswer> FinishAsync(int of, decimal? costUsd, CancellationToken cancellationToken)
    {
        var (identity, answer) = made.GetValueOrDefault(of);
        if (JobOf(answer) is not { } job || await ViewAsync(identity, job, cancellationToken) is not { } before || JobStatus.IsFinal(before.Status))
        {
            return new StepAnswer { IsOk = false };
        }

        await agent.EndAsync(job, costUsd, cancellationToken);
        await EmbeddedJobs.EventuallyAsync(async () => await ViewAsync(identity, job, cancellationToken) is { } view && JobStatus.IsFinal(view.Status), "The job never ended.");
        // However: a run that costs more than it may is cut, and counts with what it has cost.
        return new StepAnswer { IsOk = (await ViewAsync(identity, job, cancellationToken))?.CostUsd == costUsd };
    }

    public async Task<StepAnswer> ReadAuditAsync(CancellationToken cancellationToken)
    {
        if (host is null)
        {
            return new StepAnswer();
        }

        await using var db = await host.Services.GetRequiredService<IDbContextFactory<GatewayDb>>().CreateDbContextAsync(cancellationToken);
        var records = await db.Audit.OrderBy(row => row.AuditId).Select(row => row.Record).ToListAsync(cancellationToken);
        return new StepAnswer { Audit = [.. records.Select(record => JsonNode.Parse(record)).OfType<JsonObject>()] };
    }

    public async ValueTask DisposeAsync()
    {
        await (host?.StopAsync() ?? Task.CompletedTask);
        await CaseHost.EndRunnerAsync(Data);
        caller.Dispose();
        database.Dispose();
        folder.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var runner = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Gateway.Api", new DirectoryInfo(AppContext.BaseDirectory).Name, "runner", "Gateway.Runner"));
        var key = folder.File("key");
        await File.WriteAllTextAsync(key, "a key of nobody\n", cancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            host = await CaseHost.StartAsync(
                Data, clock, database, lost, cancellationToken,
                ("Policies:Folder", folder.File("policies")), ("Policies:LookInterval", "00:00:00.1"), ("Workspaces:Roots:0", Moved("/srv")), ("Claude:Program", agent.Program), ("Claude:MaxRetries", "0"),
                ("Credentials:default:Kind", "api_key"), ("Credentials:default:File", key), ("Worker:Sandbox", "Process"), ("Worker:Slots", "32"), ("Worker:RunnerProgram", runner));
            foreach (var (name, tenant) in People().Where(who => !keys.ContainsKey(who.Name)))
            {
                keys[name] = await host.CreateKeyAsync(name, tenant, cancellationToken);
            }

            loaded = AnswerOf(host.Services.GetRequiredService<PolicyBook>());
        }
        catch (StartRefusedException refused)
        {
            loaded = new StepAnswer { IsPolicyAccepted = false, Text = string.Join('\n', refused.Faults) };
        }
    }

    // Who is only in a step has a key, and no grant.
    private IEnumerable<(string Name, string Tenant)> People() => one.Identities.Values.Select(who => (who.Name, who.Tenant))
        .Concat(one.Steps.Select(step => step.Identity).Where(name => name.Length > 0 && !one.Identities.ContainsKey(name)).Distinct().Select(name => (name, "nobody")));

    // The agent's folder is in no case: nothing else of a policy or a call is touched.
    private string Moved(string text) => text == "/srv" ? folder.File("srv") : text.Replace(Prefix, folder.File("srv") + "/", StringComparison.Ordinal);

    // In one step, as an editor does: of half a file the gateway would say that it is broken, until it looks again.
    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        var written = Path.GetTempFileName();
        await File.WriteAllTextAsync(written, Moved(text), cancellationToken);
        File.Move(written, PolicyFile, overwrite: true);
    }

    private async Task<JobView?> ViewAsync(string identity, Guid job, CancellationToken cancellationToken) =>
        host is null ? null : await host.Services.GetRequiredService<JobReader>().FindAsync(new Caller(one.Identities[identity].Tenant, identity), job, null, cancellationToken);

    // A program begins a moment after its job is told to run. Where no state is expected, a job that is on its way to a worker is given the time for it.
    private bool IsSettled(JobView? view, Guid job, string? expectedState) => expectedState is null
        ? view?.Status is not (JobStatus.Queued or JobStatus.Running) || agent.HasStarted(job)
        : view?.Status == expectedState && (expectedState != JobStatus.Running || agent.HasStarted(job));

    private static Guid? JobOf(StepAnswer? answer) => JobIdText.TryParse(answer?.JobId, out var id) ? id : null;

    private static StepAnswer AnswerOf(PolicyBook book) => new()
    {
        IsPolicyAccepted = book.Faults.Count == 0,
        Text = string.Join('\n', book.Faults.Concat(book.Current.Snapshot.Warnings.Select(warning => warning.ToString()))),
    };
}
