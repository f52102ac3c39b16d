using System.Globalization;
using Gateway.FakeAgent.Stream;

namespace Gateway.FakeAgent.Behaviour;

/// <summary>The failures of the API as the real CLI words them.</summary>
internal static class Failures
{
    public static void Apply(string text, Outcome outcome, ClaudeLines lines)
    {
        var (status, kind, type, answer) = text switch
        {
            "401" => (401, "authentication_failed", "authentication_error", "Invalid API key · Fix external API key"),
            "403" => (403, "authentication_failed", "permission_error", "Failed to authenticate. API Error: 403 Your API key does not have permission to use the specified resource."),
            "400-credit" => (400, "billing_error", "invalid_request_error", "Credit balance is too low"),
            "400-too-long" => (400, "invalid_request", "invalid_request_error", "Prompt is too long"),
            "404" => (404, "model_not_found", "not_found_error", "There's an issue with the selected model. It may not exist or you may not have access to it."),
            "429" => (429, "rate_limit", "rate_limit_error", "API Error: Request rejected (429) · This request would exceed your organization's rate limit."),
            "usage-limit" => (429, "rate_limit", "rate_limit_error", "You've hit your limit"),
            _ when text.StartsWith("usage-limit ", StringComparison.Ordinal) => (429, "rate_limit", "rate_limit_error", $"Claude AI usage limit reached|{Reset(text)}"),
            "529" => (529, "server_error", "overloaded_error", "API Error: Repeated 529 Overloaded errors"),
            _ => (int.Parse(text, CultureInfo.InvariantCulture), "server_error", "api_error", $"API Error: {text} Internal server error"),
        };
        lines.ApiError(status, kind, type, answer);
        (outcome.IsError, outcome.ApiStatus, outcome.ApiType, outcome.Answer, outcome.ExitCode, outcome.CostUsd) = (true, status, type, answer, 1, 0);
        outcome.TerminalReason = text == "400-too-long" ? "prompt_too_long" : "api_error";
    }

    private static long Reset(string text) =>
        TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + long.Parse(text["usage-limit ".Length..], CultureInfo.InvariantCulture);

    public static string Problem(string subtype) => subtype switch
    {
        "error_max_turns" => "Reached maximum number of turns (3)",
        "error_max_budget_usd" => "Reached maximum budget ($1)",
        _ => subtype,
    };

    public static string TerminalReason(string subtype) => subtype switch
    {
        "error_max_turns" => "max_turns",
        "error_max_budget_usd" => "budget_exhausted",
        "error_max_structured_output_retries" => "structured_output_retry_exhausted",
        "error_during_execution" => "aborted_tools",
        _ => "error",
    };
}
