using System.Text;
using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// Reads Gemini CLI's <c>stream-json</c>. Kinds of lines change between versions: what is not known is passed over, and of
/// several final records the last one counts. What the CLI says by exit code and stderr alone is added in the end.
/// </summary>
/// <param name="note">What is known of the run.</param>
/// <param name="clock">Gives events their time.</param>
internal sealed class GeminiStreamReader(RunNote note, TimeProvider clock) : EventLineReader(clock)
{
    /// <summary>Most bytes of UTF-8 that are kept of the answer; what follows is only in the stored output.</summary>
    public const int KeptAnswerBytes = 4 * 1024 * 1024;

    // Of an error's text only what it is recognised by.
    private const int KeptErrorChars = 2_000;

    private const string ChosenByTheCli = "auto";

    private readonly KeptText _text = new(KeptAnswerBytes);
    private bool _textEnded = true;
    private string? _askedModel;
    private string? _usedModel;
    private Guid? _sessionId;
    private GeminiResult? _result;
    private RunUsage? _usage;
    private string? _problem;
    private bool _denied;

    /// <inheritdoc/>
    public override AgentReport Report()
    {
        var answer = _result?.Record ?? (_text.IsEmpty ? null : _text.ToString());
        return new AgentReport
        {
            HasFinalRecord = _result is not null,
            Failure = GeminiFailures.Of(_result, _problem, note, Clock.GetUtcNow()),
            Answer = answer,
            Model = _usedModel ?? _askedModel,
            SessionId = _sessionId,
            Usage = _usage,
            Warnings = [.. Warnings(answer)],
        };
    }

    /// <inheritdoc/>
    public override AgentReport Conclude(AgentReport report, AgentEnd end) => Failed(
        note.McpServers is not null && end.StderrTail().Span.IndexOf("MCP issues detected"u8) >= 0 ? report with { Warnings = [.. report.Warnings, RunWarnings.McpServerFailed] } : report,
        end);

    private AgentReport Failed(AgentReport report, AgentEnd end) => end.ExitCode is null or 0
        ? report
        : report with { Failure = GeminiFailures.Of(_result, _problem, note, Clock.GetUtcNow(), end.ExitCode, Encoding.UTF8.GetString(end.StderrTail().Span)) };

    /// <inheritdoc/>
    protected override void Take(JsonElement line, long endOffset)
    {
        switch (line.Member("type").Text())
        {
            case "init":
                _askedModel = line.Member("model").Text() is { } model && model != ChosenByTheCli ? model : _askedModel;
                _sessionId = Guid.TryParse(line.Member("session_id").Text(), out var id) ? id : _sessionId;
                Tell("starting", "lifecycle", "The agent is ready.", endOffset);
                break;
            case "message" when line.Member("role").Text() == "assistant":
                TakeText(line, endOffset);
                break;
            case "tool_use":
                _textEnded = true;
                Tell("tool", "tool_start", "The agent started a tool.", endOffset);
                break;
            case "tool_result":
                TakeToolResult(line, endOffset);
                break;
            case "error":
                _problem = line.Member("severity").Text() == "error" ? Short(line.Member("message").Text()) ?? "" : _problem;
                Tell("thinking", "activity", "The agent reported a problem.", endOffset);
                break;
            case "result":
                TakeResult(line, endOffset);
                break;
        }
    }

    private IEnumerable<string> Warnings(string? answer)
    {
        if (_denied)
        {
            yield return RunWarnings.PermissionDenied;
        }

        if (_result is { Succeeded: true } && string.IsNullOrWhiteSpace(answer))
        {
            yield return RunWarnings.EmptyOutput;
        }
    }

    private void TakeText(JsonElement line, long endOffset)
    {
        var text = line.Member("content");
        if (text.ValueKind != JsonValueKind.String || text.ValueEquals(""))
        {
            return;
        }

        if (_textEnded || line.Member("delta").ValueKind != JsonValueKind.True)
        {
            // What was written before a tool is not the answer, unless nothing follows.
            _text.Clear();
            Tell("writing", "output", "The agent is writing.", endOffset);
        }

        _textEnded = false;
        _text.Add(text);
    }

    private void TakeToolResult(JsonElement line, long endOffset)
    {
        _textEnded = true;
        if (line.Member("status").Text() != "error")
        {
            Tell("tool", "activity", "A tool finished.", endOffset);
            return;
        }

        // A tool that the mode does not allow is not even known to the CLI.
        var refused = line.Member("error").Member("type").Text() is "policy_violation" or "tool_not_registered";
        _denied |= refused;
        Tell("tool", "tool_error", refused ? "A tool was refused by the permission rules." : "A tool reported an error.", endOffset);
    }

    private void TakeResult(JsonElement line, long endOffset)
    {
        var (stats, error) = (line.Member("stats"), line.Member("error"));
        _usage = GeminiUsage.Of(stats) ?? _usage;
        var succeeded = line.Member("status").Text() == "success";

        // Before an error the only one that was used may be the one that chose among the others.
        _usedModel = succeeded ? GeminiUsage.ModelOf(stats) ?? _usedModel : _usedModel;
        _result = new GeminiResult
        {
            Succeeded = succeeded,
            ErrorType = Short(error.Member("type").Text()),
            ErrorText = Short(error.Member("message").Text()),
            Record = note.AnswersWithRecord ? line.GetRawText() : null,
        };
        Tell("writing", "lifecycle", "The agent gave its final record.", endOffset);
    }

    private static string? Short(string? text) => text?.Length > KeptErrorChars ? text[..KeptErrorChars] : text;
}
