using System.Text.Json;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Starters;
using Gateway.Api.Policies;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Reading;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Hands a request in and says what became of it: the same for a starter and for a retry.</summary>
internal static class Submission
{
    private const int QueueRetrySeconds = 10;

    /// <summary>Sends it, and answers with the job.</summary>
    /// <param name="call">The call.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="starter">The tool whose rules hold: for a repeat that of the first job.</param>
    /// <param name="merged">The arguments that the policy judges; null for those of the call itself.</param>
    /// <param name="seen">How the caller sees a job.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ToolException">It was not taken.</exception>
    public static async Task<CallToolResult> SendAsync(
        ToolCall call, RunRequest request, ToolFacts starter, IReadOnlyDictionary<string, JsonElement>? merged, Func<JobView, JobView> seen, CancellationToken cancellationToken)
    {
        var accepted = await SubmitAsync(call, request, starter, merged, cancellationToken).ConfigureAwait(false);
        var job = seen(accepted.Job);
        var warnings = call.Arguments.Warnings;
        var answer = new SubmitAnswer
        {
            JobId = job.Id,
            Job = job,
            Approval = accepted.Approval,
            SessionId = job.SessionId,
            McpServers = request.McpServers.Count > 0 ? new McpServersAnswer(call.Arguments.List(McpServerRule.Argument), request.McpServers) : null,
            Warnings = warnings.Count > 0 ? warnings : null,
        };
        return ToolReply.Of(answer, AnswerJson.Default.SubmitAnswer, InWords(answer));
    }

    /// <summary>Sends it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="starter">The tool whose rules hold: for a repeat that of the first job.</param>
    /// <param name="merged">The arguments that the policy judges; null for those of the call itself.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ToolException">It was not taken.</exception>
    public static async Task<SubmitOutcome.Accepted> SubmitAsync(
        ToolCall call, RunRequest request, ToolFacts starter, IReadOnlyDictionary<string, JsonElement>? merged, CancellationToken cancellationToken)
    {
        var terms = call.Policy.TermsOfJob(starter, merged, request.WorkingDirectory, request.Agent.Model);
        var outcome = await call.Jobs.SubmitAsync(call.Identity.Caller, request, terms, cancellationToken).ConfigureAwait(false);
        PolicyTelemetry.CallDecided(DecisionOf(outcome), KindOf(outcome));
        return outcome switch
        {
            SubmitOutcome.Accepted accepted => accepted,
            SubmitOutcome.KeyConflict conflict => throw ToolException.Because(
                ErrorKinds.Conflict,
                $"This idempotencyKey belongs to {JobIdText.Format(conflict.JobId)}, which has other arguments. Send another key, or read that job.",
                "idempotencyKey"),
            SubmitOutcome.QueueFull full => throw new ToolException(new ErrorRecord
            {
                Kind = ErrorKinds.QueueFull,
                Message = $"{full.Limit} jobs wait already; nothing was accepted. Try again later.",
                Retryable = true,
                Limit = full.Limit,
                RetryAfterSeconds = QueueRetrySeconds,
            }),
            SubmitOutcome.SessionGone gone => throw SessionChoice.Gone(call.Arguments, request, gone.SessionId),
            SubmitOutcome.Refused refused => throw new ToolException(RefusalAnswer.Of(refused.Why)),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType().Name}."),
        };
    }

    // A replay is let through: it was its first call that was held.
    private static string DecisionOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted { Approval: not null, Job.Deduped: false } => AuditDecisions.Held,
        SubmitOutcome.Accepted => AuditDecisions.Allowed,
        _ => AuditDecisions.Denied,
    };

    private static string? KindOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Refused refused => refused.Why.Kind,
        SubmitOutcome.QueueFull => RefusalKinds.QueueFull,
        SubmitOutcome.KeyConflict => ErrorKinds.Conflict,
        SubmitOutcome.SessionGone => ErrorKinds.NotFound,
        _ => null,
    };

    private static string InWords(SubmitAnswer answer)
    {
        var text = JobWords.Of(answer.Job);
        var codes = answer.Warnings is null ? string.Empty : $" Warnings: {string.Join(", ", answer.Warnings.Select(w => w.Code).Distinct())}.";
        return text.Length + codes.Length <= JobWords.MostChars ? text + codes : text;
    }
}
