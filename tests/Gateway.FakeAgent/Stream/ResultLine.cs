using System.Globalization;
using Gateway.FakeAgent.CommandLine;

namespace Gateway.FakeAgent.Stream;

/// <summary>The line that ends a run: cost is that of the conversation, usage that of this process, as the real CLI counts them; <c>type</c> comes late.</summary>
internal static class ResultLine
{
    public static string Of(Outcome outcome, Arguments arguments, string sessionId, double costBefore, int index, long durationMs)
    {
        var model = Json.Text(arguments.Model);
        var usage = $$$"""{"input_tokens":{{{outcome.InputTokens}}},"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":{{{outcome.OutputTokens}}},"output_tokens_details":{"thinking_tokens":0},"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard"}""";
        var last = outcome.Subtype == "success" ? $"\"api_error_status\":{Number(outcome.ApiStatus)},{ApiType(outcome)}\"result\":{Json.Text(outcome.Answer)}," : $"\"errors\":{Json.List([outcome.Problem ?? outcome.Subtype])},";
        var timings = outcome is { Subtype: "success", ApiStatus: null } ? "\"ttft_ms\":1,\"ttft_stream_ms\":1,\"time_to_request_ms\":1,\"first_content_frame_ms\":1," : "";
        var structured = outcome.Structured is { } json ? $"\"structured_output\":{json}," : "";
        return $$$"""
            {"duration_api_ms":0,"stop_reason":"end_turn","session_id":{{{Json.Text(sessionId)}}},"total_cost_usd":{{{Json.Number(costBefore + outcome.CostUsd)}}},"usage":{{{usage}}},"modelUsage":{{{{model}}}:{{{ModelUsage(outcome, costBefore + outcome.CostUsd)}}}},"permission_denials":[{{{string.Join(',', outcome.Denials)}}}],"terminal_reason":{{{Json.Text(outcome.TerminalReason)}}},"fast_mode_state":"off","fast_mode_disabled_reason":"sdk_opt_in_required","subagent_stats":{"spawned":0},"safety_stops":0,"is_error":{{{Json.Flag(outcome.IsError)}}},"num_turns":{{{outcome.Turns}}},"subtype":{{{Json.Text(outcome.Subtype)}}},{{{last}}}{{{structured}}}"type":"result","duration_ms":{{{durationMs}}},"uuid":{{{Json.Text(Guid.NewGuid().ToString())}}},"begun_message_ids":[],{{{timings}}}"queued_turn_count":0,"result_index":{{{index}}},"model_usage_since_last_result":{{{{(index == 0 ? $"{model}:{ModelUsage(outcome, outcome.CostUsd)}" : "")}}}}}
            """;
    }

    private static string ModelUsage(Outcome outcome, double cost) =>
        $$"""{"inputTokens":{{outcome.InputTokens}},"outputTokens":{{outcome.OutputTokens}},"cacheReadInputTokens":0,"cacheCreationInputTokens":0,"webSearchRequests":0,"costUSD":{{Json.Number(cost)}},"contextWindow":1000000,"maxOutputTokens":128000}""";

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "null";

    private static string ApiType(Outcome outcome) => outcome.ApiType is { } type ? $"\"api_error_type\":{Json.Text(type)}," : "";
}
