using Gateway.Api.Mcp.Answers;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Hands a request in and says what became of it: the same for a starter and for a retry.</summary>
internal static class Submission
{
    private const int QueueRetrySeconds = 10;

    public static async Task<CallToolResult> SendAsync(ToolCall call, RunRequest request, Func<Gateway.Jobs.Reading.JobView, Gateway.Jobs.Reading.JobView> seen, CancellationToken cancellationToken)
    {
        var outcome = await call.Jobs.SubmitAsync(call.Identity.Caller, request, cancellationToken).ConfigureAwait(false);
        var job = outcome switch
        {
            SubmitOutcome.Accepted accepted => seen(accepted.Job),
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
            _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType().Name}."),
        };
        var warnings = call.Arguments.Warnings;
        var answer = new SubmitAnswer { JobId = job.Id, Job = job, SessionId = job.SessionId, Warnings = warnings.Count > 0 ? warnings : null };
        return ToolReply.Of(answer, AnswerJson.Default.SubmitAnswer, InWords(answer));
    }

    private static string InWords(SubmitAnswer answer)
    {
        var text = JobWords.Of(answer.Job);
        var codes = answer.Warnings is null ? string.Empty : $" Warnings: {string.Join(", ", answer.Warnings.Select(w => w.Code).Distinct())}.";
        return text.Length + codes.Length <= JobWords.MostChars ? text + codes : text;
    }
}
