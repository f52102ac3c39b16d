using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Policies.Approvals;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Evaluation;

/// <summary>
/// Says what a policy says of a call: the steps 3 to 6, 8 and 9 of POLICY.md section 5, and what steps 11 and 12 need. Pure: the same
/// policy and the same call always get the same answer. Whatever goes wrong in here refuses.
/// </summary>
public static class PolicyEngine
{
    /// <summary>When a store or an engine that failed is worth another try.</summary>
    public const int UnavailableRetrySeconds = 5;

    private const string CostArgument = "args.maxBudgetUsd";

    /// <summary>Whether the tool is left out of a caller's list: hidden, or nobody decides about this caller.</summary>
    /// <param name="grant">Who asks; null for a credential without a grant.</param>
    /// <param name="tool">The tool.</param>
    public static bool Hides(PolicyGrant? grant, string tool) => grant?.Policy is not { } policy || policy.Rules.Hides(tool);

    /// <summary>Steps 3 to 6: whether the tool may be called at all.</summary>
    /// <param name="grant">Who calls; null for a credential without a grant.</param>
    /// <param name="tool">The tool.</param>
    /// <returns>Why not; null when it may.</returns>
    public static Refusal? JudgeTool(PolicyGrant? grant, string tool)
    {
        if (grant?.Policy is not { } policy)
        {
            return new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = "(no policy)", Reason = Reasons.NoPolicy };
        }

        if (policy.Rules.Hides(tool))
        {
            return Deny(policy, "(hidden)", Reasons.Hidden(tool));
        }

        return policy.Rules.Tools.GetValueOrDefault(tool) switch
        {
            null when !policy.Rules.AllowsByDefault => Deny(policy, "(default deny)", Reasons.NotPermitted(tool)),
            { IsDenied: true } rule => Deny(policy, $"/tools/{tool}/action", rule.Reason ?? Reasons.Denied(tool)),
            _ => null,
        };
    }

    /// <summary>
    /// Steps 3 to 6, 8 and 9, and what counts and asks for steps 11 and 12. The first refusal ends it; the judgement then names neither
    /// limits nor terms.
    /// </summary>
    /// <param name="call">The call.</param>
    public static Judgement Judge(PolicyCall call)
    {
        var policy = call.Grant.Policy;
        var none = new Judgement { Policy = policy?.Name ?? "", PolicyHash = policy?.Hash ?? "", RuleHash = "" };
        try
        {
            if (JudgeTool(call.Grant, call.Tool) is { } refused)
            {
                return none with { Refusal = refused };
            }

            if (policy is null)
            {
                return none with { Refusal = Unavailable(null) };
            }

            var rule = policy.RuleOf(call.Tool);
            var judged = none with { RuleHash = rule.Hash };
            return JudgePredicates(policy, rule, call.Arguments) is { } broken
                ? judged with { Refusal = broken }
                : JudgeAmounts(policy, rule, call, judged);
        }
        catch (Exception fault)
        {
            // Whatever it is, a call that could not be judged does not pass, and whoever asked tells of it.
            return none with { Refusal = Unavailable(policy?.Hash), Fault = fault };
        }
    }

    /// <summary>The refusal of a call that could not be judged or counted.</summary>
    /// <param name="policyHash">Hash of the policy; null when none was found.</param>
    public static Refusal Unavailable(string? policyHash) => new()
    {
        Kind = RefusalKinds.PolicyUnavailable,
        Rule = "(policy unavailable)",
        Reason = Reasons.Unavailable,
        PolicyHash = policyHash,
        RetryAfterSeconds = UnavailableRetrySeconds,
    };

    private static Refusal Deny(Policy policy, string rule, string reason) =>
        new() { Kind = RefusalKinds.PolicyDenied, Rule = rule, Reason = reason, PolicyHash = policy.Hash };

    private static Refusal? JudgePredicates(Policy policy, ToolRule rule, JsonElement arguments)
    {
        foreach (var predicate in rule.Require)
        {
            if (Say(predicate, arguments, everyElement: true) != Truth.True)
            {
                return Deny(policy, $"/tools/{rule.Tool}/require/{predicate.Key}", predicate.OnDeny ?? Reasons.Requires(predicate));
            }
        }

        foreach (var predicate in rule.DenyIf)
        {
            if (Say(predicate, arguments, everyElement: false) != Truth.False)
            {
                return Deny(policy, $"/tools/{rule.Tool}/deny_if/{predicate.Key}", predicate.OnDeny ?? Reasons.DeniedBy(predicate));
            }
        }

        return null;
    }

    // A pattern that takes too long says nothing, and what says nothing does not let pass.
    private static Truth Say(Predicate predicate, JsonElement arguments, bool everyElement)
    {
        try
        {
            return predicate.Holds(arguments, everyElement);
        }
        catch (RegexMatchTimeoutException)
        {
            return Truth.Undefined;
        }
    }

    private static Judgement JudgeAmounts(Policy policy, ToolRule rule, PolicyCall call, Judgement judged)
    {
        List<CounterLimit> limits = [];
        foreach (var limit in rule.Limits.Concat(policy.Rules.AllTools).OfType<CounterRule>())
        {
            var amount = 1m;
            if (limit.IncrementFrom is { } path)
            {
                var argument = path.Find(call.Arguments);
                if (argument is not { } given || !Amounts.IsAmount(argument))
                {
                    return judged with { Refusal = Deny(policy, $"{limit.Rule}/increment_from", Reasons.NoAmount(limit)) };
                }

                if (Amounts.Of(given, limit.Max) is not { } found)
                {
                    return judged with { Refusal = Deny(policy, limit.Rule, Reasons.TooMuch(limit)) };
                }

                amount = found;
            }

            limits.Add(Compile(limit, amount, call));
        }

        return judged with
        {
            Limits = limits,
            Caps = [.. rule.Limits.Concat(policy.Rules.AllTools).OfType<CapRule>().Select(cap => cap.Cap)],
            Approval = Asks(rule.Approval, call.Arguments) ? rule.Approval?.Terms : null,
        };
    }

    private static CounterLimit Compile(CounterRule limit, decimal amount, PolicyCall call) => new()
    {
        Tool = limit.Tool,
        Counter = limit.Counter,
        Scope = limit.Scope,
        ScopeValue = limit.Scope switch
        {
            LimitScope.Grant => call.Grant.Value,
            LimitScope.Tenant => call.Grant.Tenant,
            LimitScope.Global => "",
            // With its length before it: no grant value and session read like another pair. Without a session all share one bucket.
            _ => string.Create(CultureInfo.InvariantCulture, $"{call.Grant.Value.Length}:{call.Grant.Value}{(call.Session is null ? "" : $":{call.Session}")}"),
        },
        Window = limit.Window,
        Max = limit.Max,
        Amount = amount,
        IsCost = limit.IncrementFrom?.Text == CostArgument,
        Rule = limit.Rule,
    };

    // What cannot be said asks: a person sees what the engine does not.
    private static bool Asks(ApprovalRule? approval, JsonElement arguments) =>
        approval is not null && (approval.RequiredIf is not { } predicates || predicates.Any(p => p.Holds(arguments, everyElement: false) != Truth.False));
}
