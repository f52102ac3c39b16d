using System.Text.Json;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Tools;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;

namespace Gateway.Api.Policies;

/// <summary>Says what would become of a call, by the steps of a real one up to the point where something would change.</summary>
/// <param name="tools">The tools that are served.</param>
/// <param name="models">Which names stand for which models.</param>
internal sealed class PolicyExplainer(IReadOnlyCollection<ToolCard> tools, ModelCatalogue models)
{
    /// <summary>The names of all tools.</summary>
    public IEnumerable<string> Names => tools.Select(tool => tool.Name).Order(StringComparer.Ordinal);

    /// <summary>Explains; null for a tool that does not exist.</summary>
    /// <param name="grant">Who would call.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments, an object.</param>
    /// <param name="read">How the limits of the call stand; null where no store is asked.</param>
    /// <param name="now">Time of the call.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PolicyExplanation?> ExplainAsync(
        PolicyGrant grant, string tool, JsonElement arguments, Func<Caller, Judgement, CancellationToken, Task<LimitFigures>>? read, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (tools.FirstOrDefault(one => one.Name == tool) is not { } card)
        {
            return null;
        }

        var sent = arguments.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value)).ToList();
        var nothing = new PolicyExplanation { Tool = tool, Grant = grant.Label, Tenant = grant.Tenant, Policy = grant.Policy?.Name, PolicyHash = grant.Policy?.Hash, Decision = AuditDecisions.Denied, Live = read is not null };
        if (PolicyEngine.JudgeTool(grant, tool) is { } refused)
        {
            return With(nothing, refused);
        }

        if (card.Arguments.Parse(sent).Faults is { Count: > 0 } faults)
        {
            return nothing with { Kind = ErrorKinds.InvalidInput, Reason = "the arguments do not fit the tool", Faults = faults.Items };
        }

        var presented = PresentedArguments.Of(arguments, directory: null, models.AliasOf(tool, arguments));
        var judgement = PolicyEngine.Judge(new PolicyCall(grant, tool, presented, null));
        return judgement.Refusal is { } denied
            ? With(nothing, denied)
            : Of(nothing, judgement, read is null ? Unused(judgement, now) : await read(new Caller(grant.Tenant, grant.Value), judgement, cancellationToken).ConfigureAwait(false));
    }

    private static PolicyExplanation Of(PolicyExplanation nothing, Judgement judgement, LimitFigures figures)
    {
        var counted = nothing with
        {
            Counters = [.. figures.Counters.Select(ViewOf)],
            Caps = [.. judgement.Caps.Select(cap => new PolicyExplanation.CapView(cap.Rule, Word(cap.Kind), cap.Max, JobsOf(figures, cap)))],
            Approval = judgement.Approval is { } terms ? new PolicyExplanation.ApprovalView(Word(terms.Mode), terms.Timeout.TotalSeconds, terms.Reason) : null,
        };

        // A call that is to be repeated after consent is counted when it is repeated.
        return (judgement.Approval, figures.Refusal) switch
        {
            ({ Mode: ApprovalMode.Repeat } repeat, _) => counted with { Kind = RefusalKinds.ApprovalRequired, Rule = repeat.Rule, Reason = repeat.Reason },
            (_, { } full) => With(counted, full),
            ({ } held, _) => counted with { Decision = AuditDecisions.Held, Rule = held.Rule, Reason = held.Reason },
            _ => counted with { Decision = AuditDecisions.Allowed },
        };
    }

    private static LimitFigures Unused(Judgement judgement, DateTimeOffset now) => new(null, [.. judgement.Limits.Select(limit => new LimitStanding(limit.ChargeAt(now), 0))], []);

    private static int? JobsOf(LimitFigures figures, JobCap cap) => figures.Waiting.Where(one => one.Cap == cap).Select(one => (int?)one.Jobs).FirstOrDefault();

    // What others have used of a counter of all is not told to a caller; here an operator asks.
    private static PolicyExplanation.CounterView ViewOf(LimitStanding standing) => new(
        standing.Charge.Limit.Rule, Word(standing.Charge.Limit.Scope), standing.Charge.Limit.Amount, standing.Charge.Limit.Max, standing.Used, standing.Remaining, standing.Charge.WindowEnd);

    private static PolicyExplanation With(PolicyExplanation explanation, Gateway.Policies.Evaluation.Refusal refusal) =>
        explanation with { Kind = refusal.Kind, Rule = refusal.Rule, Reason = refusal.Reason, RetryAfterSeconds = refusal.RetryAfterSeconds };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
