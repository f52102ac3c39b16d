using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Tests.Support;

/// <summary>Judgements as a policy would give them.</summary>
internal static class Terms
{
    public const string Tool = "claude_request_async";
    public const string Hash = "sha256:0123456789abcdef";

    public static AdmissionTerms Of(params CounterLimit[] limits) => With(limits, []);

    public static AdmissionTerms Of(params JobCap[] caps) => With([], caps);

    public static AdmissionTerms With(IReadOnlyList<CounterLimit> limits, IReadOnlyList<JobCap> caps, Caller? caller = null) => new()
    {
        Judgement = new Judgement { Policy = "team", PolicyHash = Hash, RuleHash = "sha256:fedcba9876543210", Limits = limits, Caps = caps },
        GrantLabel = "staff",
        Record = Record(caller ?? EmbeddedJobs.Alice),
    };

    public static AuditRecord Record(Caller caller) => new()
    {
        At = DateTimeOffset.UnixEpoch.AddYears(50),
        Tenant = caller.Tenant,
        Grant = "staff",
        Caller = caller.Grant,
        Method = "tools/call",
        Tool = Tool,
        Decision = AuditDecisions.Allowed,
        Policy = "team",
        PolicyHash = Hash,
        ArgumentNames = ["model", "prompt"],
    };

    public static CounterLimit Limit(decimal max, string counter = "starts", int windowSeconds = 60, LimitScope scope = LimitScope.Grant, string value = "alice", decimal amount = 1) => new()
    {
        Tool = Tool,
        Counter = counter,
        Scope = scope,
        ScopeValue = value,
        Window = TimeSpan.FromSeconds(windowSeconds),
        Max = max,
        Amount = amount,
        Rule = $"/tools/{Tool}/limits/{counter}",
    };

    public static JobCap Queued(int max, LimitScope scope = LimitScope.Grant, string? tool = Tool) =>
        new(JobCapKind.Queued, scope, max, tool, $"/tools/{Tool}/limits/queued-{scope.ToString().ToLowerInvariant()}");

    public static JobCap Running(int max, LimitScope scope = LimitScope.Grant, string? tool = Tool) =>
        new(JobCapKind.Running, scope, max, tool, $"/tools/{Tool}/limits/running-{scope.ToString().ToLowerInvariant()}");
}
