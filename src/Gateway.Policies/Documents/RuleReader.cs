using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Documents;

/// <summary>Reads the rule of one tool.</summary>
internal static partial class RuleReader
{
    public const int MostReasonChars = 500;

    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostTimeout = TimeSpan.FromDays(7);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(1);

    /// <summary>The rule; with faults only some of it.</summary>
    public static ToolRule Read(string tool, DocumentNode node, ToolCatalog catalog, DocumentFaults faults)
    {
        var empty = ToolRule.Unnamed(tool);
        if (FieldReader.Of(node, "a rule", faults, "action", "reason", "require", "deny_if", "limits", "approval", "rate_limit") is not { } fields)
        {
            return empty;
        }

        var rule = empty with
        {
            IsDenied = fields["action"] is { } action && ReadAction(action, faults) == "deny",
            Reason = fields["reason"] is { } reason ? faults.Text(reason, "reason", MostReasonChars) : null,
            Require = fields["require"] is { } require ? PredicateReader.Read(require, "require", mayTell: true, faults) : [],
            DenyIf = fields["deny_if"] is { } denyIf ? PredicateReader.Read(denyIf, "deny_if", mayTell: true, faults) : [],
            Limits = LimitReader.Read(fields["limits"], fields["rate_limit"], tool, faults),
            Approval = fields["approval"] is { } approval ? ReadApproval(tool, approval, catalog, faults) : null,
        };
        return faults.Any ? rule : rule with { Hash = NormalForm.HashOf(rule) };
    }

    private static string? ReadAction(DocumentNode node, DocumentFaults faults)
    {
        var form = node.Kind != JsonValueKind.String ? null : node.Text switch
        {
            "rate_limit" => "A limit is no action: write \"rate_limit\": {\"max\": 10, \"window\": \"minute\"} beside it or in its place.",
            "require_approval" or "approval" or "ask" => "Consent is no action: write \"approval\": {} or \"approval\": {\"required_if\": […]} in its place.",
            _ => null,
        };
        if (form is null)
        {
            return faults.Choice(node, "action", "allow", "deny");
        }

        faults.Add(node, $"action cannot be {node.Shown}. {form}");
        return null;
    }

    private static ApprovalRule? ReadApproval(string tool, DocumentNode node, ToolCatalog catalog, DocumentFaults faults)
    {
        if (FieldReader.Of(node, "an approval", faults, "required_if", "timeout", "reason", "mode") is not { } fields)
        {
            return null;
        }

        var facts = catalog.Find(tool);
        var mode = fields["mode"] is { } given ? faults.Choice(given, "mode", "job", "repeat") : null;
        if (mode == "job" && facts is { IsStarter: false })
        {
            faults.Add(fields["mode"] ?? node, $"mode cannot be \"job\": {tool} starts no job that could wait. Allowed: \"repeat\".");
        }

        var waits = mode is null ? facts is { IsStarter: true } : mode == "job";
        var terms = new ApprovalTerms(
            waits ? ApprovalMode.Job : ApprovalMode.Repeat,
            fields["timeout"] is { } timeout ? ReadTimeout(timeout, faults) : DefaultTimeout,
            (fields["reason"] is { } reason ? faults.Text(reason, "reason", MostReasonChars) : null) ?? Reasons.NeedsApproval(tool),
            $"/tools/{tool}/approval");
        return new ApprovalRule(fields["required_if"] is { } ifs ? PredicateReader.Read(ifs, "required_if", mayTell: false, faults) : null, terms);
    }

    private static TimeSpan ReadTimeout(DocumentNode node, DocumentFaults faults)
    {
        var span = node.Kind switch
        {
            JsonValueKind.Number when node.Number.IsWhole && node.Number.CompareTo(JsonNumber.Of((decimal)MostTimeout.TotalSeconds)) <= 0 => TimeSpan.FromSeconds((double)(node.Number.ToDecimal() ?? 0)),
            JsonValueKind.String when Span().Match(node.Text) is { Success: true } match => match.Groups[2].Value switch
            {
                "m" => TimeSpan.FromMinutes(int.Parse(match.Groups[1].ValueSpan, null)),
                "h" => TimeSpan.FromHours(int.Parse(match.Groups[1].ValueSpan, null)),
                _ => TimeSpan.FromDays(int.Parse(match.Groups[1].ValueSpan, null)),
            },
            _ => TimeSpan.Zero,
        };
        if (span >= LeastTimeout && span <= MostTimeout)
        {
            return span;
        }

        faults.Add(node, $"timeout cannot be {node.Shown}: it is a text such as \"30m\", \"4h\" or \"2d\", or a whole number of seconds, from 1 minute to 7 days.");
        return DefaultTimeout;
    }

    [GeneratedRegex("^([0-9]{1,6})([mhd])\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Span();
}
