using System.Text.Json;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;

namespace Gateway.Jobs.Approvals;

/// <summary>Makes the requests of calls about which a rule wants a person to be asked.</summary>
public sealed class ApprovalRequests(CallSeal seal, IStoreClock time)
{
    /// <summary>Of a call of a tool that makes no job; null when nobody has to be asked.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="terms">What was judged.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">The arguments as sent, a JSON object.</param>
    public ApprovalRequest? OfCall(Caller caller, AdmissionTerms terms, string tool, JsonElement arguments) =>
        Of(caller, terms, tool, arguments, arguments.EnumerateObject().Select(member => member.Name), null);

    /// <summary>Of a call that would make a job; null when nobody has to be asked.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="terms">What was judged.</param>
    /// <param name="request">The call.</param>
    public ApprovalRequest? OfRun(Caller caller, AdmissionTerms terms, RunRequest request)
    {
        if (terms.Judgement?.Approval is null)
        {
            return null;
        }

        // Prompt and key are kept apart from the other arguments; they are as much of the call as those.
        using var arguments = JsonDocument.Parse(CallText.Whole(request.ArgumentsJson, request.Prompt, request.IdempotencyKey));
        var names = arguments.RootElement.EnumerateObject().Select(member => member.Name);
        return Of(caller, terms, request.Tool, arguments.RootElement, names, request.WorkingDirectory) is { } asked
            ? asked with
            {
                Cli = request.Cli,
                McpServers = request.McpServers,
                Prompt = request.Prompt,
                PromptHash = seal.OfPrompt(request.Prompt),
                BypassRequested = request.Agent.BypassesPermissions,
            }
            : null;
    }

    private ApprovalRequest? Of(Caller caller, AdmissionTerms terms, string tool, JsonElement arguments, IEnumerable<string> names, string? workingDirectory) =>
        terms.Judgement is { Approval: { } asks } judgement
            ? new ApprovalRequest
            {
                // As it is stored: what the caller is told and what is read later is one time.
                At = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
                Caller = caller,
                GrantLabel = terms.GrantLabel,
                Tool = tool,
                Terms = asks,
                Policy = judgement.Policy,
                PolicyHash = judgement.PolicyHash,
                RuleHash = judgement.RuleHash,
                CallHash = seal.OfCall(caller, terms.GrantLabel, tool, arguments, workingDirectory, judgement.RuleHash),
                ArgumentNames = [.. names.Order(StringComparer.Ordinal)],
            }
            : null;
}
