using System.Globalization;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Claude;

/// <summary>Turns a final record into the failure that its caller will read. The CLI's own texts are never passed on here.</summary>
internal static class ClaudeFailures
{
    private static readonly string[] NoLoginTexts = ["Not logged in", "Invalid API key", "Failed to authenticate", "Credit balance is too low"];

    // Of subscriptions; an API key has the status alone.
    private static readonly string[] LimitTexts =
        ["Claude AI usage limit", "You've hit your", "5-hour limit reached", "Session limit reached", "Weekly limit reached", "Opus weekly limit reached", "Opus limit reached", "Sonnet limit reached"];

    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The failure that a final record states, or null for success.</summary>
    /// <param name="result">The last final record.</param>
    /// <param name="apiError">The CLI's word for the last API error.</param>
    /// <param name="resetsAt">When the usage limit ends, in Unix seconds.</param>
    /// <param name="note">What is known of the run.</param>
    /// <param name="clock">The time, and the zone in which the CLI tells it.</param>
    public static RunFailure? Of(ClaudeResult result, string? apiError, long? resetsAt, RunNote note, TimeProvider clock)
    {
        if (!result.IsError)
        {
            return note.WantsStructuredOutput && result.StructuredOutputJson is null
                ? Failure(FailureKinds.InvalidOutput, "Claude Code ended without the structured output that jsonSchema asked for. Ask again, or make the schema simpler.", retryable: true)
                : null;
        }

        return result.Subtype switch
        {
            "error_max_turns" => Failure(FailureKinds.MaxTurns, "maxTurns was reached before the task was done. The text so far is kept; ask again with more turns, or with a smaller task."),
            "error_max_budget_usd" => Failure(FailureKinds.BudgetExceeded, "maxBudgetUsd was reached. The text so far is kept; ask again with a larger budget, or with a smaller task."),
            "error_max_structured_output_retries" => Failure(FailureKinds.InvalidOutput, "The model did not manage to give output that fits jsonSchema. Ask again, or make the schema simpler.", retryable: true),
            "success" => OfApi(result, apiError, resetsAt, note, clock),
            _ when result.ApiStatus is not null || result.TerminalReason is "api_error" or "prompt_too_long" => OfApi(result, apiError, resetsAt, note, clock),
            _ when Begins(result.FirstError, "No conversation found") => Failure(FailureKinds.Rejected, "Claude Code no longer has the conversation that was to be gone on with. Begin a new one."),
            _ => Failure(FailureKinds.CliError, "Claude Code reported an error while it worked. Its output says more."),
        };
    }

    private static RunFailure OfApi(ClaudeResult result, string? apiError, long? resetsAt, RunNote note, TimeProvider clock)
    {
        var status = result.ApiStatus;
        if (IsAuth(result, apiError))
        {
            return AuthError(note, status, apiError == "billing_error" || Begins(result.Text, "Credit balance"));
        }

        if (status == 429 || apiError is "rate_limit" || LimitTexts.Any(text => Begins(result.Text, text)))
        {
            return UsageLimit(result, resetsAt, clock);
        }

        return Refused(result, apiError) ?? Failure(
            FailureKinds.ApiError,
            status is null ? "The model provider could not be reached, after Claude Code's own retries." : Text($"The model provider failed with status {status}, after Claude Code's own retries."),
            retryable: true) with { ApiStatus = status, Again = true };
    }

    private static bool IsAuth(ClaudeResult result, string? apiError) =>
        result.ApiStatus is 401 or 402 or 403
        || apiError is "authentication_failed" or "billing_error"
        || result.ApiErrorType is "authentication_error" or "permission_error"
        || (result.ApiStatus is null && NoLoginTexts.Any(text => Begins(result.Text, text)));

    private static RunFailure AuthError(RunNote note, int? status, bool noCredit) => Failure(
        FailureKinds.AuthError,
        noCredit
            ? $"The account of credential '{note.CredentialName}' has no credit at the model provider. Add credit, or use another credential."
            : $"The model provider refused credential '{note.CredentialName}'{(status is null ? "" : Text($" with status {status}"))}. Put a valid one in the file that Credentials:{note.CredentialName} names on the worker, or log in again.") with { ApiStatus = status };

    private static RunFailure UsageLimit(ClaudeResult result, long? resetsAt, TimeProvider clock)
    {
        // Subscriptions end the text with a bar and the Unix time of the reset, or tell it in words.
        var text = result.Text ?? "";
        var reset = resetsAt is { } told ? At(told)
            : long.TryParse(text[(text.LastIndexOf('|') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var fromText) ? At(fromText)
            : UsageLimits.ResetIn(text, clock);
        return UsageLimits.Of(clock.GetUtcNow(), reset, result.ApiStatus);
    }

    // No time is farther than the calendar goes, whatever a line says.
    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, LatestSecond));

    private static RunFailure? Refused(ClaudeResult result, string? apiError)
    {
        var message = result switch
        {
            { TerminalReason: "prompt_too_long" } => "The prompt is too long for the model. Send less text, or use a model with a larger context.",
            { StopReason: "refusal" } => "The model refused the request. Word it differently.",
            _ when apiError == "max_output_tokens" => "The answer was longer than the model may write. Ask for a shorter one.",
            _ when apiError == "model_not_found" || result.ApiStatus == 404 => "The model provider does not know the model that was asked for. Use another model name.",
            { ApiStatus: 400 or 405 or 413 or 422 } => Text($"The model provider refused the request with status {result.ApiStatus}. Change the request."),
            _ => null,
        };
        return message is null ? null : Failure(FailureKinds.ApiError, message) with { ApiStatus = result.ApiStatus };
    }

    private static bool Begins(string? text, string start) => text?.StartsWith(start, StringComparison.Ordinal) == true;

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static RunFailure Failure(string kind, string message, bool retryable = false) =>
        new() { Kind = kind, Message = message, Retryable = retryable };
}
