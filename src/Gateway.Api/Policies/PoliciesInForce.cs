using System.Text.Json;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Jobs.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;

namespace Gateway.Api.Policies;

/// <summary>The policy files of this moment, for calls that were judged earlier. Each question is about one snapshot.</summary>
internal sealed partial class PoliciesInForce(PolicyBook book, ModelCatalogue models, ILogger<PoliciesInForce> logger) : IPolicyInForce
{
    /// <inheritdoc />
    public bool IsInForce(StoredGrant grant, string policyHash) => Find(grant)?.Policy?.Hash == policyHash;

    /// <inheritdoc />
    public bool IsRuleInForce(StoredGrant grant, string tool, string ruleHash) => Find(grant)?.Policy?.RuleHashOf(tool) == ruleHash;

    /// <inheritdoc />
    public Judgement? JudgeAgain(StoredCall call)
    {
        if (Find(call.Grant) is not { Policy: { } policy } grant)
        {
            return null;
        }

        try
        {
            // Presented as at the call itself, or a rule could be met then and missed now.
            var arguments = JsonElement.Parse(call.ArgumentsJson);
            var presented = PresentedArguments.Of(arguments, call.WorkingDirectory, models.AliasOf(call.Tool, arguments));
            var judgement = PolicyEngine.Judge(new PolicyCall(grant, call.Tool, presented, Session: null));
            if (judgement.Fault is { } fault)
            {
                LogNotJudged(call.Tool, PolicyFaults.KindOf(fault), fault.StackTrace);
            }

            return CallerQuestion.Add(judgement, call.CallerAsks);
        }
        catch (JsonException)
        {
            // What cannot be read cannot be judged, and so does not pass.
            return new Judgement { Policy = policy.Name, PolicyHash = policy.Hash, RuleHash = "", Refusal = PolicyEngine.Unavailable(policy.Hash) };
        }
    }

    private PolicyGrant? Find(StoredGrant grant) => book.Current.Snapshot.FindByLabel(grant.Label, grant.Tenant, grant.Value);

    // Never the message of the fault: it may hold what the caller sent.
    [LoggerMessage(EventId = 859, Level = LogLevel.Error, Message = "A waiting call of {Tool} could not be judged again and does not start: {Fault} {Place}")]
    private partial void LogNotJudged(string tool, string fault, string? place);
}
