using System.Globalization;
using Gateway.Api.Mcp.Answers;
using Gateway.Jobs.Approvals;
using Gateway.Policies.Evaluation;
using PolicyRefusal = Gateway.Policies.Evaluation.Refusal;

namespace Gateway.Api.Policies;

/// <summary>How a caller reads a refusal of its policy (POLICY.md section 6).</summary>
internal static class RefusalAnswer
{
    private const int MostChars = 500;

    public static ErrorRecord Of(PolicyRefusal refusal) => new()
    {
        Kind = refusal.Kind,
        Message = Message(refusal),
        Retryable = refusal.IsRetryable,
        Rule = refusal.Rule,
        Reason = refusal.Reason,
        PolicyHash = refusal.PolicyHash,
        RetryAfterSeconds = refusal.RetryAfterSeconds,
        Limit = refusal.Limit,
        Remaining = refusal.Remaining,
        ApprovalId = refusal.ApprovalId is { } id ? ApprovalIdText.Format(id) : null,
        ApprovalExpiresAt = refusal.ApprovalExpiresAt,
    };

    private static string Message(PolicyRefusal refusal)
    {
        var retry = Remedy(refusal);
        var reason = refusal.Reason.Length > 0 ? char.ToUpperInvariant(refusal.Reason[0]) + refusal.Reason[1..] : refusal.Kind;
        var end = reason[^1] is '.' or '!' or '?' ? "" : ".";
        var room = MostChars - retry.Length - end.Length;
        return (reason.Length > room ? reason[..room] : reason) + end + retry;
    }

    private static string Remedy(PolicyRefusal refusal) => refusal switch
    {
        { Kind: RefusalKinds.ApprovalRequired, ApprovalId: { } id, ApprovalExpiresAt: { } expires } => string.Create(
            CultureInfo.InvariantCulture, $" A person decides {ApprovalIdText.Format(id)} until {expires.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; after a yes the same call passes once."),
        { RetryAfterSeconds: { } seconds } => string.Create(CultureInfo.InvariantCulture, $" Retry in {seconds} s."),
        _ => "",
    };
}
