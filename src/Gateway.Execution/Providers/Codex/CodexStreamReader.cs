using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// Reads the JSON lines of <c>codex exec --json</c>. What is not known is passed over. An item of the type <c>error</c> is a
/// warning of the CLI, and a top-level <c>error</c> comes before a new try or a failed turn: only the end of a turn decides.
/// </summary>
/// <param name="note">What is known of the run.</param>
/// <param name="clock">Gives events their time.</param>
internal sealed class CodexStreamReader(RunNote note, TimeProvider clock) : EventLineReader(clock)
{
    /// <summary>Most bytes of UTF-8 that are kept of the answer; what follows is only in the stored output.</summary>
    public const int KeptAnswerBytes = 1024 * 1024;

    // Its beginning is what an error is known by.
    private const int KeptErrorBytes = 2048;

    private readonly KeptText _answer = new(KeptAnswerBytes);
    private readonly KeptText _lines = new(KeptAnswerBytes);
    private readonly KeptText _error = new(KeptErrorBytes);
    private ConversationTokens? _tokens;
    private Guid? _thread;
    private bool _wrote;
    private bool _turnEnded;
    private bool _failed;
    private bool _denied;

    /// <inheritdoc/>
    public override AgentReport Report()
    {
        var answer = _wrote ? _answer.ToString() : null;
        var failure = _failed ? CodexFailures.Of(_error.ToString(), note, Clock) : null;
        string? structured = null;
        if (_turnEnded && !_failed && note.OutputSchemaJson is { } schema)
        {
            var fit = OutputSchema.Check(schema, answer ?? "", out structured);
            failure = fit == OutputFit.Fits ? null : CodexFailures.InvalidOutput(fit);
        }

        return new AgentReport
        {
            HasFinalRecord = _turnEnded,
            Failure = failure,
            Answer = note.AnswersWithRecord && !_lines.IsEmpty ? _lines.ToString() : answer,
            SessionId = _thread,
            Usage = Usage(),
            StructuredOutputJson = structured,
            Warnings = Warnings(answer, _turnEnded && failure is null),
        };
    }

    /// <inheritdoc/>
    public override AgentReport Conclude(AgentReport report, AgentEnd end) => Resumed(
        note.McpServers is not null && CodexMcpConfig.HasFailure(end.StderrTail().Span) ? report with { Warnings = [.. report.Warnings, RunWarnings.McpServerFailed] } : report,
        end);

    private AgentReport Resumed(AgentReport report, AgentEnd end) =>
        note.Resumes && end.ExitCode == 1 && report is { HasFinalRecord: false, Failure: null, SessionId: null } && end.StderrTail().Span.IndexOf("thread/resume failed"u8) >= 0
            ? report with { Failure = CodexFailures.NoThread }
            : report;

    // A count that runs on over a conversation, whose beginning is not known, would tell of another run's tokens as well.
    private RunUsage? Usage() => (note.Resumes ? note.EarlierTokens : ConversationTokens.None) is { } earlier ? _tokens?.Since(earlier) : null;

    private List<string> Warnings(string? answer, bool succeeded)
    {
        List<string> warnings = [];
        if (_denied)
        {
            warnings.Add(RunWarnings.PermissionDenied);
        }

        if (succeeded && string.IsNullOrWhiteSpace(answer))
        {
            warnings.Add(RunWarnings.EmptyOutput);
        }

        return warnings;
    }

    /// <inheritdoc/>
    protected override void Take(JsonElement line, long endOffset)
    {
        if (note.AnswersWithRecord)
        {
            _lines.AddLine(JsonMarshal.GetRawUtf8Value(line));
        }

        switch (line.Member("type").Text())
        {
            case "thread.started":
                _thread = Guid.TryParse(line.Member("thread_id").Text(), out var id) ? id : _thread;
                Tell("starting", "lifecycle", "The agent is ready.", endOffset);
                break;
            case "item.started":
                TakeStart(line.Member("item"), endOffset);
                break;
            case "item.completed":
                TakeItem(line.Member("item"), endOffset);
                break;
            case "error":
                TakeError(line.Member("message"), endOffset);
                break;
            case "turn.completed":
                _tokens = CodexRollout.Tokens(line.Member("usage")) ?? _tokens;
                _failed = false;
                End(endOffset);
                break;
            case "turn.failed":
                Keep(line.Member("error").Member("message"));
                End(endOffset);
                break;
        }
    }

    private void TakeStart(JsonElement item, long endOffset)
    {
        if (IsTool(item))
        {
            Tell("tool", "tool_start", "The agent started a tool.", endOffset);
        }
    }

    private void TakeItem(JsonElement item, long endOffset)
    {
        switch (item.Member("type").Text())
        {
            case "agent_message":
                _answer.Clear();
                _answer.Add(item.Member("text"));
                _wrote = true;
                Tell("writing", "output", "The agent wrote text.", endOffset);
                break;
            case "reasoning":
                Tell("thinking", "reasoning", "The agent is thinking.", endOffset);
                break;
            case "todo_list":
                Tell("thinking", "activity", "The agent changed its plan.", endOffset);
                break;
            case "error":
                Tell("thinking", "activity", "The agent gave a warning.", endOffset);
                break;
            case not null when IsTool(item):
                TakeToolEnd(item.Member("status").Text(), endOffset);
                break;
        }
    }

    private void TakeToolEnd(string? status, long endOffset)
    {
        switch (status)
        {
            case "declined":
                _denied = true;
                Tell("tool", "tool_error", "A tool was refused by the permission rules.", endOffset);
                break;
            case "failed":
                Tell("tool", "tool_error", "A tool reported an error.", endOffset);
                break;
            default:
                Tell("tool", "activity", "A tool finished.", endOffset);
                break;
        }
    }

    // When no end of the turn follows, the last one that announces no new try is the reason.
    private void TakeError(JsonElement message, long endOffset)
    {
        if (message.Text()?.StartsWith("Reconnecting", StringComparison.Ordinal) == true)
        {
            Tell("thinking", "activity", "The model provider did not answer; the agent tries again.", endOffset);
            return;
        }

        Keep(message);
        Tell("thinking", "activity", "The agent reported an error.", endOffset);
    }

    private void End(long endOffset)
    {
        _turnEnded = true;
        Tell("writing", "lifecycle", "The agent gave its final record.", endOffset);
    }

    private void Keep(JsonElement error)
    {
        _failed = true;
        _error.Clear();
        _error.Add(error);
    }

    private static bool IsTool(JsonElement item) =>
        item.Member("type").Text() is "command_execution" or "file_change" or "mcp_tool_call" or "web_search" or "collab_tool_call";
}
