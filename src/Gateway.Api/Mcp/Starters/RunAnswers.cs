using System.Text.Json;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Tools;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;
using ModelContextProtocol.Protocol;

namespace Gateway.Api.Mcp.Starters;

/// <summary>What a tool that waited answers (TOOLS.md section 5.7).</summary>
internal sealed class RunAnswers(StreamPager pager)
{
    private const int MostChars = 40_000;
    private const int MostStderrChars = 4_000;
    private const int MostBytesOfCharacter = 4;

    /// <summary>Of a job that has ended.</summary>
    /// <param name="call">The call that waited.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<CallToolResult> OfEndedAsync(ToolCall call, JobView job, CancellationToken cancellationToken)
    {
        var snapshot = JobIdText.TryParse(job.Id, out var id)
            ? await call.Jobs.FindOutputAsync(call.Identity.Caller, id, null, cancellationToken).ConfigureAwait(false)
            : null;
        var answer = snapshot is { HasAnswer: true }
            ? await pager.ReadAsync(call.Jobs.Output, RawPages.Source(snapshot, OutputStream.Answer), 0, MostChars, countChars: false, cancellationToken).ConfigureAwait(false)
            : null;
        return job.Status == JobStatus.Completed
            ? Finished(call, job, snapshot, answer)
            : Failed(job, answer?.Text, snapshot is null ? null : await EndOfStderrAsync(call, snapshot, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Of a job that goes on.</summary>
    /// <param name="call">The call that waited.</param>
    /// <param name="job">The job.</param>
    /// <param name="approval">What it waits for, when a person has to agree.</param>
    public static CallToolResult Deferred(ToolCall call, JobView job, PendingApproval? approval)
    {
        var words = JobWords.Of(job);
        var answer = new DeferredAnswer
        {
            JobId = job.Id,
            JobStatus = job.Status,
            Cli = job.Cli,
            CorrelationId = job.CorrelationId,
            SessionId = job.SessionId,
            Approval = approval,
            Message = words,
            PollAfterMs = job.PollAfterMs,
            Warnings = WarningsOf(call, null),
        };
        return ToolReply.Of(answer, AnswerJson.Default.DeferredAnswer, words);
    }

    private static CallToolResult Finished(ToolCall call, JobView job, OutputSnapshot? snapshot, StreamPage? page)
    {
        var warnings = WarningsOf(call, snapshot);
        var answer = new FinishedAnswer
        {
            Response = page?.Text ?? "",
            ResponseBytes = page?.TotalBytes ?? 0,
            ResponseTruncated = page?.Truncated ?? false,
            ResponseNextOffsetBytes = page?.NextOffsetBytes,
            StructuredOutput = snapshot?.StructuredOutputJson is { } json ? JsonElement.Parse(json) : null,
            JobId = job.Id,
            Cli = job.Cli,
            Model = job.Model,
            CorrelationId = job.CorrelationId,
            SessionId = job.SessionId,
            DurationMs = job.DurationMs ?? 0,
            ExitCode = job.ExitCode ?? 0,
            RetryCount = Math.Max(0, job.Attempt - 1),
            Deduped = job.Deduped,
            InputTokens = job.Usage?.InputTokens,
            OutputTokens = job.Usage?.OutputTokens,
            CacheReadTokens = job.Usage?.CacheReadTokens,
            CacheCreationTokens = job.Usage?.CacheCreationTokens,
            CostUsd = job.CostUsd,
            NumTurns = job.NumTurns,
            Warnings = warnings,
        };
        return ToolReply.Of(answer, AnswerJson.Default.FinishedAnswer, ResultWords.Of(job, answer.Response, warnings));
    }

    private static CallToolResult Failed(JobView job, string? response, string? stderr)
    {
        var error = job.Status == JobStatus.Canceled
            ? new ErrorRecord { Kind = ErrorKinds.Canceled, Message = $"{job.Id} was canceled. What it printed is in llm_job_result with rawOutput.", Retryable = false }
            : new ErrorRecord
            {
                Kind = job.Failure?.Kind ?? FailureKinds.Internal,
                Message = job.Failure?.Message ?? $"{job.Id} failed.",
                Retryable = job.Failure?.Retryable ?? false,
                RetryAfterSeconds = job.Failure?.RetryAfterSeconds,
                Rule = job.Failure?.Rule,
                Reason = job.Failure?.Reason,
                PolicyHash = job.Failure?.PolicyHash,
                ApprovalId = job.Failure?.ApprovalId,
            };
        return ToolReply.Of(new FailedRunAnswer
        {
            Error = error,
            JobId = job.Id,
            Cli = job.Cli,
            CorrelationId = job.CorrelationId,
            SessionId = job.SessionId,
            ExitCode = job.ExitCode,
            DurationMs = job.DurationMs,
            Response = response,
            Stderr = stderr,
        });
    }

    private async Task<string?> EndOfStderrAsync(ToolCall call, OutputSnapshot snapshot, CancellationToken cancellationToken)
    {
        var source = RawPages.Source(snapshot, OutputStream.Stderr);
        var start = Math.Max(0, source.LengthBytes - (MostStderrChars * MostBytesOfCharacter));
        var page = await pager.ReadAsync(call.Jobs.Output, source, start, MostStderrChars * MostBytesOfCharacter, countChars: false, cancellationToken).ConfigureAwait(false);
        return page.Text.Length switch
        {
            0 => null,
            <= MostStderrChars => page.Text,
            var length => page.Text[(char.IsLowSurrogate(page.Text[length - MostStderrChars]) ? length - MostStderrChars + 1 : length - MostStderrChars)..],
        };
    }

    private static List<Warning>? WarningsOf(ToolCall call, OutputSnapshot? snapshot)
    {
        List<Warning> warnings = [.. call.Arguments.Warnings, .. RunWarningWords.Of(snapshot?.Warnings ?? []) ?? []];
        return warnings.Count > 0 ? warnings : null;
    }
}
