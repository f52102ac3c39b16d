using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Claude;

/// <summary>
/// Reads Claude Code's <c>stream-json</c>. Order of members and kinds of lines change between versions: what is not
/// known is passed over, and several final records are allowed, of which the last one counts.
/// </summary>
/// <param name="note">What is known of the run.</param>
/// <param name="clock">Gives events their time.</param>
internal sealed class ClaudeStreamReader(RunNote note, TimeProvider clock) : EventLineReader(clock)
{
    private readonly ClaudeText _text = new();
    private readonly ClaudeUsage _usage = new(note.EarlierCostUsd);
    private string? _lastMessage;
    private string? _model;
    private Guid? _sessionId;
    private ClaudeResult? _result;
    private string? _apiError;
    private long? _resetsAt;
    private bool _denied;
    private bool _serverFailed;

    /// <inheritdoc/>
    public override AgentReport Report()
    {
        var failure = _result is null ? null : ClaudeFailures.Of(_result, _apiError, _resetsAt, note, Clock);
        var isError = _result is { IsError: true, Text: not null };
        var answer = (note.AnswersWithRecord ? _result?.Record : null) ?? _result?.Text ?? _text.SoFar;
        return new AgentReport
        {
            HasFinalRecord = _result is not null,
            Failure = failure,
            Answer = answer,
            AnswerIsError = isError,
            Model = _model,
            SessionId = _sessionId,
            Usage = _usage.Total,
            StructuredOutputJson = _result?.StructuredOutputJson,
            Warnings = Warnings(answer, failure),
        };
    }

    /// <inheritdoc/>
    protected override void Take(JsonElement line, long endOffset)
    {
        var ofSubAgent = line.Member("parent_tool_use_id").ValueKind == JsonValueKind.String;
        switch (line.Member("type").Text())
        {
            case "system":
                TakeSystem(line, endOffset);
                break;
            case "assistant":
                TakeAssistant(line, ofSubAgent, endOffset);
                break;
            case "user":
                TakeToolResults(line, endOffset);
                break;
            case "stream_event" when !ofSubAgent:
                TakePartial(line.Member("event"), endOffset);
                break;
            case "rate_limit_event":
                TakeLimit(line.Member("rate_limit_info"));
                break;
            case "result":
                TakeResult(line, endOffset);
                break;
        }
    }

    // Of a window that still has room the end is told too, and says nothing of the one that has none.
    private void TakeLimit(JsonElement limit)
    {
        if (limit.Member("status").Text() is null or "rejected")
        {
            _resetsAt = limit.Member("resetsAt").Whole() ?? _resetsAt;
        }
    }

    private List<string> Warnings(string? answer, RunFailure? failure)
    {
        List<string> warnings = [];
        if (_denied)
        {
            warnings.Add(RunWarnings.PermissionDenied);
        }

        if (_serverFailed)
        {
            warnings.Add(RunWarnings.McpServerFailed);
        }

        if (_result is not null && failure is null && string.IsNullOrWhiteSpace(answer))
        {
            warnings.Add(RunWarnings.EmptyOutput);
        }

        return warnings;
    }

    private void TakeSystem(JsonElement line, long endOffset)
    {
        switch (line.Member("subtype").Text())
        {
            case "init":
                _model = line.Member("model").Text() ?? _model;
                _sessionId = Id(line) ?? _sessionId;
                _serverFailed |= note.McpServers?.Any(name => !IsUp(line.Member("mcp_servers"), name)) ?? false;
                Tell("starting", "lifecycle", "The agent is ready.", endOffset);
                break;
            case "permission_denied":
                _denied = true;
                Tell("tool", "tool_error", "A tool was refused by the permission rules.", endOffset);
                break;
            case "api_retry":
                Tell("thinking", "activity", "The model provider did not answer; the agent tries again.", endOffset);
                break;
            case "model_fallback":
                Tell("thinking", "activity", "The agent went on with the fallback model.", endOffset);
                break;
            case "task_started":
                Tell("tool", "activity", "A sub-task was started.", endOffset);
                break;
        }
    }

    // The CLI waits for them before it says this; one that is still pending then is asked for nothing.
    private static bool IsUp(JsonElement servers, string name) =>
        servers.Items().Any(server => server.Member("name").Text() == name && server.Member("status").Text() == "connected");

    private void TakeAssistant(JsonElement line, bool ofSubAgent, long endOffset)
    {
        _apiError = line.Member("error").Text() ?? _apiError;
        var message = line.Member("message");
        var ofModel = !ofSubAgent && message.Member("model").Text() != "<synthetic>" && line.Member("error").Text() is null;
        var id = message.Member("id").Text();
        foreach (var block in message.Member("content").Items())
        {
            switch (block.Member("type").Text())
            {
                case "text":
                    if (ofModel)
                    {
                        _text.Whole(block.Member("text"), id is not null && id == _lastMessage);
                        _lastMessage = id;
                        Tell("writing", "output", "The agent wrote text.", endOffset);
                    }

                    break;
                case "thinking" or "redacted_thinking":
                    Tell("thinking", "reasoning", "The agent is thinking.", endOffset);
                    break;
                case "tool_use" or "server_tool_use" or "mcp_tool_use":
                    Tell("tool", "tool_start", "The agent started a tool.", endOffset);
                    break;
            }
        }
    }

    private void TakeToolResults(JsonElement line, long endOffset)
    {
        foreach (var block in line.Member("message").Member("content").Items())
        {
            if (block.Member("type").Text() == "tool_result")
            {
                var failed = block.Member("is_error").ValueKind == JsonValueKind.True;
                Tell("tool", failed ? "tool_error" : "activity", failed ? "A tool reported an error." : "A tool finished.", endOffset);
            }
        }
    }

    private void TakePartial(JsonElement part, long endOffset)
    {
        switch (part.Member("type").Text())
        {
            case "content_block_start" when part.Member("content_block").Member("type").Text() == "thinking":
                Tell("thinking", "reasoning", "The agent is thinking.", endOffset);
                break;
            case "content_block_start" when part.Member("content_block").Member("type").Text() == "text":
                _text.BeginPart();
                Tell("writing", "output", "The agent is writing.", endOffset);
                break;
            case "content_block_delta" when part.Member("delta").Member("type").Text() == "text_delta":
                _text.Part(part.Member("delta").Member("text"));
                break;
        }
    }

    private void TakeResult(JsonElement line, long endOffset)
    {
        _usage.Take(line);
        _sessionId = Id(line) ?? _sessionId;
        _denied |= line.Member("permission_denials").Items().Any();
        var structured = line.Member("structured_output");
        _result = new ClaudeResult
        {
            IsError = line.Member("is_error").ValueKind == JsonValueKind.True,
            Subtype = line.Member("subtype").Text() ?? "",
            TerminalReason = line.Member("terminal_reason").Text(),
            StopReason = line.Member("stop_reason").Text(),
            Text = line.Member("result").Text(),
            FirstError = line.Member("errors").Items().FirstOrDefault().Text(),
            ApiStatus = (int?)line.Member("api_error_status").Whole(),
            ApiErrorType = line.Member("api_error_type").Text(),
            Record = note.AnswersWithRecord ? line.GetRawText() : null,
            StructuredOutputJson = structured.ValueKind == JsonValueKind.Object ? structured.GetRawText() : null,
        };
        Tell("writing", "lifecycle", "The agent gave its final record.", endOffset);
    }

    private static Guid? Id(JsonElement line) => Guid.TryParse(line.Member("session_id").Text(), out var id) ? id : null;
}
