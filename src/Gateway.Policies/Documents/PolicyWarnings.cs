using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Documents;

/// <summary>What a policy says that is hardly meant: W01 to W03 and W06 to W07 here, the rest beside.</summary>
internal static class PolicyWarnings
{
    private static readonly string[] Collecting = ["llm_job_status", "llm_job_result"];

    /// <summary>All warnings of a policy, in the order of their codes.</summary>
    public static IEnumerable<DocumentWarning> Of(string file, PolicyRules rules, ToolCatalog catalog) =>
        Unknown(rules, catalog).Concat(Dead(rules, catalog)).Concat(Uncollected(rules, catalog)).Concat(PredicateWarnings.WithoutEffect(rules, catalog))
            .Concat(LimitWarnings.Unreachable(rules)).Concat(Unlimited(rules, catalog)).Concat(Sessions(rules, catalog)).Concat(PredicateWarnings.Unanchored(rules))
            .Select(w => new DocumentWarning(w.Code, file, w.Pointer, w.Message))
            .OrderBy(w => w.Code, StringComparer.Ordinal).ThenBy(w => w.Pointer, StringComparer.Ordinal);

    private static IEnumerable<(string Code, string Pointer, string Message)> Unknown(PolicyRules rules, ToolCatalog catalog) =>
        rules.Hidden.Select(tool => (tool, "/hide")).Concat(rules.Tools.Keys.Select(tool => (Name: tool, Pointer: DocumentNode.Below("/tools", tool))))
            .Where(t => catalog.Find(t.Item1) is null)
            .Select(t => ("W01", t.Item2, $"There is no tool {FieldReader.Cut(t.Item1)}.{(NearestName.Find(t.Item1, catalog.All.Select(c => c.Name)) is { } near ? $" Did you mean {near}?" : "")}"));

    private static IEnumerable<(string Code, string Pointer, string Message)> Dead(PolicyRules rules, ToolCatalog catalog)
    {
        foreach (var (tool, rule) in rules.Tools)
        {
            var pointer = DocumentNode.Below("/tools", tool);
            if (rules.Hides(tool))
            {
                yield return ("W02", pointer, $"{tool} is hidden: this rule is never asked. Remove it, or take the tool out of hide.");
                continue;
            }

            if (rule.IsDenied && (rule.Require.Count > 0 || rule.DenyIf.Count > 0 || rule.Limits.Count > 0 || rule.Approval is not null))
            {
                yield return ("W02", pointer, $"{tool} is denied: what the rule asks besides is never asked. Remove it, or the action.");
            }

            if (!rule.IsDenied && rule.Reason is not null)
            {
                yield return ("W02", $"{pointer}/reason", "reason is told of a denied tool alone. Add \"action\": \"deny\", or use on_deny at a predicate.");
            }

            if (catalog.Find(tool) is { IsStarter: false } && rule.Limits.OfType<CapRule>().FirstOrDefault() is { } cap)
            {
                yield return ("W02", $"{pointer}/limits", $"{tool} starts no jobs: a limit of kind {NormalForm.Word(cap.Cap.Kind)} counts none. Put it at a tool that starts jobs, or in all_tools.");
            }
        }
    }

    private static IEnumerable<(string Code, string Pointer, string Message)> Uncollected(PolicyRules rules, ToolCatalog catalog)
    {
        var starter = catalog.All.FirstOrDefault(t => t.IsStarter && rules.MayCall(t.Name));
        var lacking = Collecting.Where(tool => !rules.MayCall(tool)).ToList();
        if (starter is not null && lacking.Count > 0)
        {
            yield return ("W03", "/tools", $"{starter.Name} may be called, but not {string.Join(" and ", lacking)}: its caller can start jobs and not {(lacking.Count == 2 ? "follow or collect" : lacking[0] == Collecting[0] ? "follow" : "collect")} them. Add {string.Join(" and ", lacking.Select(tool => $"\"{tool}\": {{}}"))} to tools.");
        }
    }

    private static IEnumerable<(string Code, string Pointer, string Message)> Unlimited(PolicyRules rules, ToolCatalog catalog)
    {
        var free = rules.AllowsByDefault && rules.AllTools.Count == 0
            ? catalog.All.Where(t => t.IsStarter && rules.MayCall(t.Name) && (!rules.Tools.TryGetValue(t.Name, out var rule) || rule.Limits.Count == 0)).Select(t => t.Name).ToList()
            : [];
        if (free.Count > 0)
        {
            yield return ("W06", "/default", $"default is allow, and nothing limits {string.Join(", ", free)}. Give {(free.Count == 1 ? "it" : "each")} a limit, or write limits in all_tools.");
        }
    }

    private static IEnumerable<(string Code, string Pointer, string Message)> Sessions(PolicyRules rules, ToolCatalog catalog) =>
        from rule in rules.Tools
        where catalog.Find(rule.Key) is { IsStarter: true }
        from limit in rule.Value.Limits
        where limit.Scope == LimitScope.Session
        select ("W07", limit.Rule, $"A caller opens as many sessions as it likes: scope session does not limit what {rule.Key} starts. Use scope grant.");
}
