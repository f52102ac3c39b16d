using System.Globalization;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// Turns the text of a failed turn into the failure that its caller will read. Codex passes on the provider's own words, which
/// may repeat a key and an address: they are recognised by their beginning, and never handed on.
/// </summary>
internal static class CodexFailures
{
    // With both apostrophes that are in use; the CLI writes the curved one.
    private static readonly string[] Overloaded = ["We're currently experiencing high demand", "We’re currently experiencing high demand", "Selected model is at capacity"];
    private static readonly string[] UsageLimited = ["You've hit your usage limit", "You’ve hit your usage limit", "rate limit exceeded", "Rate limit reached"];
    private static readonly string[] Unreachable = ["stream disconnected before completion", "Connection failed", "error sending request", "request timed out"];
    private static readonly string[] NoLogin = ["Missing environment variable", "Not logged in", "Your access token could not be refreshed"];
    private static readonly string[] ResetFormats = ["h:mm tt", "MMM d, yyyy h:mm tt"];

    /// <summary>The failure of a run that was to go on with a conversation which the CLI does not find.</summary>
    public static RunFailure NoThread => Failure(FailureKinds.Rejected, "Codex no longer has the conversation that was to be gone on with. Begin a new one.");

    /// <summary>The failure that a text states.</summary>
    /// <param name="text">The text of the failed turn.</param>
    /// <param name="note">What is known of the run.</param>
    /// <param name="clock">The time, and the zone in which the CLI tells it.</param>
    public static RunFailure Of(string text, RunNote note, TimeProvider clock)
    {
        if (StatusOf(text) is { } status)
        {
            return OfStatus(status, note, clock);
        }

        if (Begins(text, UsageLimited))
        {
            return UsageLimits.Of(clock.GetUtcNow(), ResetIn(text, clock), null);
        }

        if (Begins(text, "Quota exceeded"))
        {
            return AuthError(note, null, noCredit: true);
        }

        return Begins(text, NoLogin) ? AuthError(note, null, noCredit: false) : OfWords(text);
    }

    /// <summary>The failure of an answer that does not fit the schema of its caller.</summary>
    /// <param name="fit">Why not.</param>
    public static RunFailure InvalidOutput(OutputFit fit) => Failure(
        FailureKinds.InvalidOutput,
        fit switch
        {
            OutputFit.NoObject => "Codex ended with an answer that is no JSON object, though outputSchema asked for one. Ask again, or make the schema simpler.",
            OutputFit.TooComplex => "The answer could not be checked against outputSchema: the schema refers to something outside itself, or the check took too many steps. Make the schema simpler.",
            _ => "Codex ended with an answer that does not fit outputSchema. Ask again, or make the schema simpler.",
        },
        retryable: fit != OutputFit.TooComplex);

    private static RunFailure OfStatus(int status, RunNote note, TimeProvider clock) => status switch
    {
        401 or 402 or 403 => AuthError(note, status, noCredit: status == 402),
        429 => UsageLimits.Of(clock.GetUtcNow(), null, status),
        404 => UnknownModel,
        >= 500 or 408 => Failed($"The model provider failed with status {status}, after Codex's own retries.") with { ApiStatus = status },
        _ => Refused($"The model provider refused the request with status {status}. Change the request.") with { ApiStatus = status },
    };

    private static RunFailure OfWords(string text)
    {
        if (Begins(text, Overloaded))
        {
            return Failed($"The model provider failed or is overloaded, after Codex's own retries.");
        }

        if (text.Contains("Incomplete response returned", StringComparison.Ordinal))
        {
            return text.Contains("max_output_tokens", StringComparison.Ordinal)
                ? Refused($"The answer was longer than the model may write. Ask for a shorter one.")
                : Refused($"The model provider cut the answer off. Word the request differently.");
        }

        if (Begins(text, Unreachable))
        {
            return Failed($"The model provider could not be reached, or its answer broke off, after Codex's own retries.");
        }

        if (Begins(text, "Codex ran out of room"))
        {
            return Refused($"The prompt and the conversation are too long for the model. Send less text, or use a model with a larger context.");
        }

        if (Begins(text, "The model `") || Begins(text, "The requested model"))
        {
            return UnknownModel;
        }

        // The body of a refusal, as it came.
        return Begins(text, "{")
            ? Refused($"The model provider refused the request with status 400. Change the request.") with { ApiStatus = 400 }
            : Failure(FailureKinds.CliError, "Codex reported an error while it worked. Its output says more.");
    }

    private static RunFailure UnknownModel => Refused($"The model provider does not know the model that was asked for, or the account may not use it. Use another model name.") with { ApiStatus = 404 };

    private static RunFailure AuthError(RunNote note, int? status, bool noCredit) => Failure(
        FailureKinds.AuthError,
        noCredit
            ? $"The account of credential '{note.CredentialName}' has no credit at the model provider. Add credit, or use another credential."
            : $"The model provider refused credential '{note.CredentialName}'{(status is null ? "" : Text($" with status {status}"))}. Put a valid one in the file that Credentials:{note.CredentialName} names on the worker, or log in again.") with { ApiStatus = status };

    // "unexpected status 401 Unauthorized: …" and "exceeded retry limit, last status: 429 Too Many Requests".
    private static int? StatusOf(string text)
    {
        foreach (var start in (string[])["unexpected status ", "exceeded retry limit, last status: "])
        {
            if (Begins(text, start) && text.Length >= start.Length + 3
                && int.TryParse(text.AsSpan(start.Length, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600)
            {
                return status;
            }
        }

        return null;
    }

    // "… try again at 8:04 PM." of the same day, or "… try again at Dec 3rd, 2026 10:11 AM.", in the zone of the machine.
    private static DateTimeOffset? ResetIn(string text, TimeProvider clock)
    {
        const string words = "try again at ";
        var at = text.LastIndexOf(words, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var told = text[(at + words.Length)..].TrimEnd('.', ' ');
        foreach (var suffix in (string[])["st,", "nd,", "rd,", "th,"])
        {
            told = told.Replace(suffix, ",", StringComparison.Ordinal);
        }

        var now = clock.GetLocalNow();
        if (!DateTime.TryParseExact(told, ResetFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return null;
        }

        var reset = told.Contains(',', StringComparison.Ordinal) ? local : now.Date + local.TimeOfDay;
        return now + (reset - now.DateTime);
    }

    private static RunFailure Failed(FormattableString message) => Failure(FailureKinds.ApiError, Text(message), retryable: true) with { Again = true };

    private static RunFailure Refused(FormattableString message) => Failure(FailureKinds.ApiError, Text(message));

    private static bool Begins(string text, params ReadOnlySpan<string> starts)
    {
        foreach (var start in starts)
        {
            if (text.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static RunFailure Failure(string kind, string message, bool retryable = false) =>
        new() { Kind = kind, Message = message, Retryable = retryable };
}
