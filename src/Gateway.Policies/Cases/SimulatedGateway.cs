using System.Text;
using System.Text.Json.Nodes;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;

namespace Gateway.Policies.Cases;

/// <summary>
/// The production engine and its counting before a store in memory, on a clock that the case sets: what <c>gateway policy test</c> asks.
/// Of a tool's input it knows the names alone.
/// </summary>
public sealed class SimulatedGateway : ICaseGateway
{
    private readonly IReadOnlyDictionary<string, CaseIdentity> identities;
    private readonly ToolCatalog catalog;
    private readonly SimulatedStore store = new();
    private readonly SimulatedAudit audit;
    private readonly SimulatedJobs jobs;
    private readonly SimulatedAdmission admission;
    private readonly Dictionary<int, SimulatedCall> made = [];
    private string text;
    private LoadResult loaded;
    private PolicySnapshot? snapshot;

    /// <summary>Starts one.</summary>
    /// <param name="policyText">Text of its policy file.</param>
    /// <param name="identities">Who may appear.</param>
    /// <param name="catalog">The tools that exist.</param>
    public SimulatedGateway(string policyText, IReadOnlyDictionary<string, CaseIdentity> identities, ToolCatalog catalog)
    {
        this.identities = identities;
        this.catalog = catalog;
        audit = new SimulatedAudit(store, catalog);
        jobs = new SimulatedJobs(store, audit, Renew);
        admission = new SimulatedAdmission(store, jobs, audit, catalog);
        text = policyText;
        loaded = Load();
        snapshot = loaded.Snapshot;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        store.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SetTimeAsync(DateTimeOffset now, CancellationToken cancellationToken) => AloneAsync(() =>
    {
        store.Now = now;
        jobs.Move();
        return new StepAnswer();
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> ReadLoadAsync(CancellationToken cancellationToken) => Task.FromResult(AnswerOf(loaded));

    /// <inheritdoc/>
    public async Task<StepAnswer> CallAsync(CaseStep step, CancellationToken cancellationToken)
    {
        // Each request has one snapshot from its beginning to its end.
        if (snapshot is not { } current)
        {
            return new StepAnswer { IsAllowed = false, Text = "The gateway does not run: its policy could not be loaded." };
        }

        var grant = identities.TryGetValue(step.Identity, out var who) ? current.Find(new Credential.ApiKey(who.Name)) : null;
        var call = await store.AloneAsync(() => admission.AdmitAsync(step, grant, cancellationToken), cancellationToken).ConfigureAwait(false);
        lock (made)
        {
            made.TryAdd(step.Number, call);
        }

        return call.Answer;
    }

    /// <inheritdoc/>
    public Task<StepAnswer> ListAsync(string identity, CancellationToken cancellationToken)
    {
        var grant = identities.TryGetValue(identity, out var who) ? snapshot?.Find(new Credential.ApiKey(who.Name)) : null;
        return Task.FromResult(new StepAnswer { Listed = [.. catalog.All.Select(t => t.Name).Where(tool => !PolicyEngine.Hides(grant, tool))] });
    }

    /// <inheritdoc/>
    public Task<StepAnswer> SetPolicyAsync(string text, CancellationToken cancellationToken) => AloneAsync(() =>
    {
        this.text = text;
        var reloaded = Load();
        // One bad file keeps the whole old snapshot; a gateway that does not run reads none.
        snapshot = snapshot is null ? null : reloaded.Snapshot ?? snapshot;
        audit.Add(reloaded.Snapshot is null ? "policy/refused" : "policy/loaded", "done", policyHash: reloaded.Snapshot?.Policies.First().Hash);
        return AnswerOf(reloaded);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> RestartAsync(CancellationToken cancellationToken) => AloneAsync(() =>
    {
        loaded = Load();
        snapshot = loaded.Snapshot;
        jobs.Move();
        return new StepAnswer { IsOk = snapshot is not null };
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> DecideAsync(int of, string by, bool approves, string? comment, CancellationToken cancellationToken) => AloneAsync(
        () => new StepAnswer { IsOk = snapshot is not null && made.GetValueOrDefault(of)?.Approval is { } approval && identities.TryGetValue(by, out var who) && jobs.Decide(approval, who, approves, comment) },
        cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> ReadJobAsync(int of, string? expectedState, CancellationToken cancellationToken) => AloneAsync(() => made.GetValueOrDefault(of)?.Job is not { } job
        ? new StepAnswer { Text = "Step has no job." }
        : new StepAnswer
        {
            JobStates = [job.State],
            IsStarted = job.IsStarted,
            Kind = job.FailureKind,
            Rule = job.FailureRule,
            Text = job.FailureReason ?? job.Approval?.Comment ?? "",
            ApprovalId = job.Approval?.Id.ToString("N"),
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> FinishAsync(int of, decimal? costUsd, CancellationToken cancellationToken) => AloneAsync(() =>
    {
        if (made.GetValueOrDefault(of)?.Job is not { IsRunning: true } job)
        {
            return new StepAnswer { IsOk = false };
        }

        job.States.Add("completed");
        if (costUsd is { } cost)
        {
            // An unknown cost keeps what was reserved.
            store.Correct(job, cost);
            audit.Add("job/cost", "done", job: job);
        }

        jobs.Move();
        return new StepAnswer { IsOk = true };
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<StepAnswer> ReadAuditAsync(CancellationToken cancellationToken) =>
        AloneAsync(() => new StepAnswer { Audit = [.. store.Audit.Select(record => (JsonObject)record.DeepClone())] }, cancellationToken);

    private Task<StepAnswer> AloneAsync(Func<StepAnswer> act, CancellationToken cancellationToken) => store.AloneAsync(() => Task.FromResult(act()), cancellationToken);

    private LoadResult Load()
    {
        var grants = identities.Values.Select(who => new GrantRule { Label = who.Name, Tenant = who.Tenant, Match = new GrantMatch.ApiKey(who.Name) });
        return SnapshotLoader.LoadOne(new DocumentFile("policy.json", Encoding.UTF8.GetBytes(text)), [.. grants], catalog);
    }

    private PolicyCall? Renew(PolicyCall call) =>
        snapshot?.FindByLabel(call.Grant.Label, call.Grant.Tenant, call.Grant.Value) is { } grant ? call with { Grant = grant } : null;

    private static StepAnswer AnswerOf(LoadResult result) => new()
    {
        IsPolicyAccepted = result.Snapshot is not null,
        Text = string.Join('\n', result.Faults.Select(f => f.ToString()).Concat(result.Snapshot?.Warnings.Select(w => w.ToString()) ?? [])),
    };
}
