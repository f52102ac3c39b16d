using System.Globalization;
using Gateway.Jobs.Admission;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Quotas;

/// <summary>
/// The quotas of tenants, in the shape in which policies set limits: whoever counts, caps and refuses need not know whose limit it is. A
/// refusal's rule is <c>/quotas/TENANT/NAME</c>, with the names <c>running</c>, <c>queued</c>, <c>submits-minute</c>,
/// <c>submits-hour</c>, <c>submits-day</c> and <c>spend-day</c>.
/// </summary>
public sealed class TenantQuotas(IOptions<QuotaOptions> options)
{
    // What settlement and records call these counters too.
    private const string Counters = "quotas";
    private const string Budget = "args.maxBudgetUsd";

    /// <summary>What holds for a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    public TenantQuota Of(string tenant) =>
        options.Value.Tenants.TryGetValue(tenant, out var own) ? own.Or(options.Value.Default) : options.Value.Default;

    /// <summary>The cap on running jobs of a tenant; null when it has none.</summary>
    /// <param name="tenant">The tenant.</param>
    public JobCap? RunningOf(string tenant) => Cap(tenant, JobCapKind.Running, Of(tenant).Running);

    /// <summary>The judgement of a call that makes a job, narrowed by the tenant's quotas: what they count is counted in the same transaction, behind the policy's own limits.</summary>
    /// <param name="judgement">What the policy says; a refusal stays as it is.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="request">What is asked for.</param>
    public Judgement Narrow(Judgement judgement, Caller caller, RunRequest request)
    {
        if (judgement.Refusal is not null)
        {
            return judgement;
        }

        var (tenant, quota) = (caller.Tenant, Of(caller.Tenant));
        List<CounterLimit> limits =
        [
            .. Submits(tenant, "submits-minute", TimeSpan.FromMinutes(1), quota.SubmitsPerMinute),
            .. Submits(tenant, "submits-hour", TimeSpan.FromHours(1), quota.SubmitsPerHour),
            .. Submits(tenant, "submits-day", TimeSpan.FromDays(1), quota.SubmitsPerDay),
        ];
        if (quota.SpendUsdPerDay is { } most)
        {
            var spend = Limit(tenant, "spend-day", TimeSpan.FromDays(1), most) with { IsCost = true, Amount = request.Agent.MaxBudgetUsd ?? 0 };
            if (RefusalOf(spend, request.Agent.MaxBudgetUsd) is { } refusal)
            {
                return judgement with { Refusal = refusal with { PolicyHash = judgement.PolicyHash }, Limits = [], Caps = [], Approval = null };
            }

            limits.Add(spend);
        }

        var queued = Cap(tenant, JobCapKind.Queued, quota.Queued);
        return limits.Count == 0 && queued is null
            ? judgement
            : judgement with { Limits = [.. judgement.Limits, .. limits], Caps = queued is null ? judgement.Caps : [.. judgement.Caps, queued] };
    }

    // As a policy's limit on cost says it: what states no budget cannot be counted, and what exceeds a whole day never fits.
    private static Refusal? RefusalOf(CounterLimit spend, decimal? budget) => budget switch
    {
        null or < 0 => new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = $"{spend.Rule}/increment_from", Reason = $"{Budget} must be a number of at least 0" },
        _ when budget > spend.Max => new Refusal
        {
            Kind = RefusalKinds.PolicyDenied,
            Rule = spend.Rule,
            Reason = string.Create(CultureInfo.InvariantCulture, $"{Budget} exceeds limit {spend.Counter} ({spend.Max:0.######})"),
        },
        _ => null,
    };

    private static IEnumerable<CounterLimit> Submits(string tenant, string name, TimeSpan window, int? max) => max is { } most ? [Limit(tenant, name, window, most)] : [];

    private static CounterLimit Limit(string tenant, string name, TimeSpan window, decimal max) => new()
    {
        Tool = Counters,
        Counter = $"{tenant}/{name}",
        Scope = LimitScope.Tenant,
        ScopeValue = tenant,
        Window = window,
        Max = max,
        Amount = 1,
        Rule = $"/{Counters}/{tenant}/{name}",
    };

    private static JobCap? Cap(string tenant, JobCapKind kind, int? max) =>
        max is { } most ? new JobCap(kind, LimitScope.Tenant, most, null, $"/{Counters}/{tenant}/{(kind == JobCapKind.Running ? "running" : "queued")}") : null;
}
