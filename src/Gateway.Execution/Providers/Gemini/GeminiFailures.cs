using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// Turns a final record, an exit code and the end of stderr into the failure that its caller will read. The CLI's own texts
/// are looked at and never passed on: they repeat what servers say.
/// </summary>
internal static class GeminiFailures
{
    // The CLI ends with the provider's HTTP status as its exit code, of which the system keeps the last byte.
    private const int StatusBeyondByte = 256;
    private const int LeastStatusCode = 400 - StatusBeyondByte;
    private const int Overloaded = 529;
    private const int OverloadedCode = Overloaded - 2 * StatusBeyondByte;

    /// <summary>The failure of a run, or null where neither the record nor the exit code states one.</summary>
    /// <param name="result">The last final record; null without one.</param>
    /// <param name="problem">The last problem that the CLI took for an error of the model's answer.</param>
    /// <param name="note">What is known of the run.</param>
    /// <param name="now">The time.</param>
    /// <param name="exitCode">How the process ended; null while it runs.</param>
    /// <param name="stderr">The end of what it wrote to stderr.</param>
    public static RunFailure? Of(GeminiResult? result, string? problem, RunNote note, DateTimeOffset now, int? exitCode = null, string stderr = "") => result switch
    {
        { Succeeded: false, ErrorType: null, ErrorText: null } => OfAnswer(problem ?? ""),
        { Succeeded: false } => OfRecord(result, StatusOf(exitCode), stderr, note, now),
        _ => OfExit(exitCode, stderr, note),
    };

    private static int? StatusOf(int? exitCode) => exitCode switch
    {
        >= LeastStatusCode and < StatusBeyondByte => exitCode + StatusBeyondByte,
        OverloadedCode => Overloaded,
        _ => null,
    };

    private static RunFailure OfAnswer(string problem) => problem switch
    {
        _ when Holds(problem, "blocked") => Failure(FailureKinds.ApiError, "The model provider kept its model's answer back. Word the request differently."),
        _ when Holds(problem, "token limit") => Failure(FailureKinds.ApiError, "The answer was longer than the model may write. Ask for a shorter one."),
        _ => Failure(FailureKinds.InvalidOutput, "The model gave no answer that Gemini CLI could use. Ask again.", retryable: true),
    };

    private static RunFailure OfRecord(GeminiResult result, int? status, string stderr, RunNote note, DateTimeOffset now)
    {
        var text = result.ErrorText ?? "";
        return result.ErrorType switch
        {
            "TerminalQuotaError" or "RetryableQuotaError" => UsageLimit(status, text, now),
            "ModelNotFoundError" => NoSuchModel(),
            "FatalTurnLimitedError" => MaxTurns(),
            "FatalAuthenticationError" or "ValidationRequiredError" or "AccountSuspendedError" => AuthError(note, status),
            "FatalInputError" => Failure(FailureKinds.CliError, "Gemini CLI could not take the prompt as it is. A file that it names with @ may not be readable."),
            "FatalToolExecutionError" => Failure(FailureKinds.CliError, "A tool failed in a way with which Gemini CLI cannot go on. Its output says more."),
            _ when status is { } known => OfStatus(known, text, note, now),

            // For this one status the record has no word and the exit code is 1.
            _ when Holds(stderr, "ModelNotFoundError") => NoSuchModel(),
            _ when text.StartsWith("[API Error", StringComparison.Ordinal) => Unreachable(),
            _ => Failure(FailureKinds.CliError, "Gemini CLI reported an error while it worked. Its output says more."),
        };
    }

    private static RunFailure OfStatus(int status, string text, RunNote note, DateTimeOffset now) => status switch
    {
        401 or 402 or 403 => AuthError(note, status),

        // The provider tells a wrong key from a wrong request by its words alone.
        400 when Holds(text, "API key") || Holds(text, "API_KEY") => AuthError(note, status),
        400 when Holds(text, "token count") => Failure(FailureKinds.ApiError, "The prompt is too long for the model. Send less text, or use a model with a larger context.") with { ApiStatus = status },
        404 => NoSuchModel(),
        429 => UsageLimit(status, text, now),
        408 or >= 499 => Failure(FailureKinds.ApiError, Text($"The model provider failed with status {status}, after Gemini CLI's own tries."), retryable: true) with { ApiStatus = status, Again = true },
        _ => Failure(FailureKinds.ApiError, Text($"The model provider refused the request with status {status}. Change the request.")) with { ApiStatus = status },
    };

    private static RunFailure? OfExit(int? exitCode, string stderr, RunNote note) => exitCode switch
    {
        41 => AuthError(note, null),
        42 when Holds(stderr, "resuming session") => Failure(FailureKinds.Rejected, "Gemini CLI no longer has the conversation that was to be gone on with. Begin a new one."),
        42 => Failure(FailureKinds.CliError, "Gemini CLI did not take its input. Its stderr may say why."),
        44 => Failure(FailureKinds.Rejected, "Gemini CLI could not start its own sandbox on the worker. Ask again without sandbox, or ask the worker's operator."),
        52 => Failure(FailureKinds.CliError, "Gemini CLI did not take its settings. Its stderr may say why."),
        53 => MaxTurns(),
        127 => Failure(FailureKinds.CliMissing, "Node.js, which Gemini CLI needs, was not found on the worker. Install it there, or name its directory in Gemini:SearchPath."),
        _ => null,
    };

    private static RunFailure AuthError(RunNote note, int? status) => Failure(
        FailureKinds.AuthError,
        $"The model provider refused credential '{note.CredentialName}'{(status is null ? "" : Text($" with status {status}"))}. Put a valid key into the file that Credentials:{note.CredentialName} names on the worker, or log in again.") with { ApiStatus = status };

    // "Please retry in 34.5s." and "Your quota will reset after 11h22m33s."
    private static RunFailure UsageLimit(int? status, string text, DateTimeOffset now) =>
        UsageLimits.Of(now, now + (UsageLimits.SpanAfter(text, "reset after ") ?? UsageLimits.SpanAfter(text, "retry in ")), status);

    private static RunFailure NoSuchModel() =>
        Failure(FailureKinds.ApiError, "The model provider does not know the model that was asked for. Use another model name.") with { ApiStatus = 404 };

    private static RunFailure MaxTurns() => Failure(FailureKinds.MaxTurns, "The most turns that Gemini CLI's settings allow were reached before the task was done. The text so far is kept; ask again with a smaller task.");

    private static RunFailure Unreachable() => Failure(FailureKinds.ApiError, "The model provider could not be reached, after Gemini CLI's own tries.", retryable: true) with { Again = true };

    private static bool Holds(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static RunFailure Failure(string kind, string message, bool retryable = false) =>
        new() { Kind = kind, Message = message, Retryable = retryable };
}
