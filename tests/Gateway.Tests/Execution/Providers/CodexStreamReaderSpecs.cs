using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Codex;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class CodexStreamReaderSpecs
{
    private const string TurnCompleted = """{"type":"turn.completed","usage":{"input_tokens":10,"output_tokens":2}}""";

    private static readonly DateTimeOffset RecordedAt = new(2026, 11, 28, 19, 0, 0, TimeSpan.Zero);

    private static readonly RunNote Note = new()
    {
        Provider = "codex",
        SessionId = Guid.Empty,
        CredentialName = "main",
        ConfigDirectory = "/nowhere",
    };

    public static TheoryData<string> Recordings => new(
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings", "Codex"), "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)!));

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_recording_reads_the_same_in_pieces_of_any_size(string name)
    {
        var bytes = Recording(name);
        var (whole, events) = Read([bytes]);
        foreach (var size in (int[])[1, 2, 3, 7, 64, 1000, 4096])
        {
            var (report, told) = Read(bytes.Chunk(size));
            Assert.Equal(Text(whole), Text(report));
            Assert.Equal(events, told);
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Events_hold_fixed_phrases_and_end_where_a_line_ends(string name)
    {
        var bytes = Recording(name);
        var (_, events) = Read([bytes]);
        Assert.NotEmpty(events);
        Assert.All(events, told =>
        {
            Assert.Equal((byte)'\n', bytes[told.EndOffset - 1]);
            Assert.InRange(told.Message.Length, 1, 120);
            Assert.Matches("^[A-Za-z ;,'-]+\\.$", told.Message);
            Assert.Contains(told.Phase, (string[])["starting", "thinking", "tool", "writing"]);
            Assert.Contains(told.Kind, (string[])["lifecycle", "reasoning", "tool_start", "tool_error", "output", "activity"]);
        });
    }

    [Theory]
    [InlineData("api-error-400", FailureKinds.ApiError, false, false, 400)]
    [InlineData("api-error-400-too-long", FailureKinds.ApiError, false, false, null)]
    [InlineData("api-error-401", FailureKinds.AuthError, false, false, 401)]
    [InlineData("api-error-403", FailureKinds.AuthError, false, false, 403)]
    [InlineData("api-error-404", FailureKinds.ApiError, false, false, 404)]
    [InlineData("api-error-413", FailureKinds.ApiError, false, false, 413)]
    [InlineData("api-error-422", FailureKinds.ApiError, false, false, 422)]
    [InlineData("api-error-429", FailureKinds.UsageLimit, true, false, 429)]
    [InlineData("api-error-429-quota", FailureKinds.AuthError, false, false, null)]
    [InlineData("api-error-500", FailureKinds.ApiError, true, true, null)]
    [InlineData("api-error-503", FailureKinds.ApiError, true, true, null)]
    [InlineData("api-error-retried", FailureKinds.ApiError, true, true, null)]
    [InlineData("api-error-drop", FailureKinds.ApiError, true, true, null)]
    [InlineData("api-error-drop-mid", FailureKinds.ApiError, true, true, null)]
    [InlineData("unreachable", FailureKinds.ApiError, true, true, null)]
    [InlineData("incomplete", FailureKinds.ApiError, false, false, null)]
    [InlineData("content-filter", FailureKinds.ApiError, false, false, null)]
    [InlineData("usage-limit", FailureKinds.UsageLimit, true, false, null)]
    [InlineData("usage-limit-days", FailureKinds.UsageLimit, true, false, null)]
    [InlineData("usage-limit-unknown", FailureKinds.UsageLimit, true, false, null)]
    public void A_recorded_failure_is_named_in_words_of_ours(string name, string kind, bool retryable, bool again, int? status)
    {
        var report = Read([Recording(name)]).Report;
        Assert.NotNull(report.Failure);
        Assert.Equal((kind, retryable, again, status), (report.Failure.Kind, report.Failure.Retryable, report.Failure.Again, report.Failure.ApiStatus));
        Assert.InRange(report.Failure.Message.Length, 20, 500);
        Assert.DoesNotContain("sk-test", report.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", report.ToString(), StringComparison.Ordinal);
        Assert.Null(report.Answer);
    }

    [Theory]
    [InlineData("plain-answer")]
    [InlineData("resumed")]
    [InlineData("thinking")]
    [InlineData("tool-run")]
    [InlineData("tool-failed")]
    [InlineData("file-change")]
    [InlineData("structured")]
    public void A_recorded_success_is_no_failure(string name)
    {
        var report = Read([Recording(name)]).Report;
        Assert.Null(report.Failure);
        Assert.True(report.HasFinalRecord);
        Assert.False(string.IsNullOrEmpty(report.Answer));
        Assert.False(report.AnswerIsError);
        Assert.Empty(report.Warnings);
    }

    [Fact]
    public void A_plain_answer_tells_thread_and_usage_and_no_cost()
    {
        var report = Read([Recording("plain-answer")]).Report;
        Assert.Equal("You said: Grüße, 🙂", report.Answer);
        Assert.NotNull(report.SessionId);
        Assert.Equal(new RunUsage { InputTokens = 800, OutputTokens = 50, CacheReadTokens = 200, CacheCreationTokens = 0 }, report.Usage);
    }

    [Fact]
    public void A_resumed_thread_used_what_this_run_added()
    {
        var note = Note with { Resumes = true, EarlierTokens = new ConversationTokens(1000, 50, 200, 0) };
        Assert.Equal(new RunUsage { InputTokens = 800, OutputTokens = 50, CacheReadTokens = 200, CacheCreationTokens = 0 }, Read([Recording("resumed")], note).Report.Usage);
        Assert.Null(Read([Recording("resumed")], note with { EarlierTokens = null }).Report.Usage);
    }

    [Fact]
    public void A_tool_is_told_from_its_start_to_its_end()
    {
        Assert.Equal(
            ["lifecycle", "tool_start", "activity", "output", "lifecycle"],
            Read([Recording("tool-run")]).Events.Select(told => told.Kind));
        Assert.Contains(Read([Recording("tool-failed")]).Events, told => told.Kind == "tool_error");
    }

    [Theory]
    [InlineData("usage-limit", 3600)]
    [InlineData("usage-limit-days", 400_260)]
    [InlineData("usage-limit-unknown", null)]
    public void A_usage_limit_tells_when_it_ends(string name, int? seconds) =>
        Assert.Equal(seconds, Read([Recording(name)]).Report.Failure?.RetryAfterSeconds);

    [Fact]
    public void A_refused_credential_is_named_with_a_remedy()
    {
        var message = Read([Recording("api-error-401")]).Report.Failure?.Message;
        Assert.Contains("'main'", message, StringComparison.Ordinal);
        Assert.Contains("Credentials:main", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_is_the_last_message()
    {
        var report = Read([Message("first"), Message("second"), Line(TurnCompleted)]).Report;
        Assert.Equal(("second", true), (report.Answer, report.HasFinalRecord));
    }

    [Fact]
    public void An_item_that_is_an_error_is_only_a_warning_of_the_cli() => Assert.Null(
        Read([Line("""{"type":"item.completed","item":{"type":"error","message":"unexpected status 401"}}"""), Message("fine"), Line(TurnCompleted)]).Report.Failure);

    [Fact]
    public void An_error_that_the_turn_survives_is_none()
    {
        var report = Read([Line("""{"type":"error","message":"Reconnecting... 1/2 (x)"}"""), Line("""{"type":"error","message":"y"}"""), Message("fine"), Line(TurnCompleted)]).Report;
        Assert.Null(report.Failure);
        Assert.Null(Read([Line("""{"type":"error","message":"Reconnecting... 1/2 (x)"}""")]).Report.Failure);
    }

    [Fact]
    public void An_error_after_which_nothing_comes_is_the_reason()
    {
        var report = Read([Line("""{"type":"error","message":"unexpected status 403 Forbidden: no"}""")]).Report;
        Assert.Equal((FailureKinds.AuthError, false), (report.Failure?.Kind, report.HasFinalRecord));
    }

    [Theory]
    [InlineData("""{"type":"turn.failed"}""")]
    [InlineData("""{"type":"turn.failed","error":{"message":""}}""")]
    [InlineData("""{"type":"turn.failed","error":{"message":7}}""")]
    [InlineData("""{"type":"turn.failed","error":{"message":"sk-test-key at /etc: words that nobody knows"}}""")]
    public void A_failed_turn_is_a_failure_whatever_it_says(string line)
    {
        var failure = Read([Message("so far"), Line(line)]).Report.Failure;
        Assert.Equal(FailureKinds.CliError, failure?.Kind);
        Assert.DoesNotContain("sk-test", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_cut_off_leaves_the_text_so_far()
    {
        var report = Read([Message("so far")]).Report;
        Assert.Equal((false, "so far", (RunFailure?)null), (report.HasFinalRecord, report.Answer, report.Failure));
    }

    [Fact]
    public void A_refused_tool_and_an_empty_answer_are_warnings() => Assert.Equal(
        ["permission_denied", "empty_output"],
        Read([Line("""{"type":"item.completed","item":{"type":"command_execution","status":"declined"}}"""), Message(""), Line(TurnCompleted)]).Report.Warnings);

    [Fact]
    public void An_answer_that_fits_its_schema_is_structured_output()
    {
        var note = Note with { OutputSchemaJson = """{"type":"object","required":["answer"],"properties":{"answer":{"type":"string"}}}""" };
        Assert.Equal(("""{"answer":"42"}""", null), Structured(Read([Recording("structured")], note).Report));
        Assert.Equal((null, FailureKinds.InvalidOutput), Structured(Read([Recording("plain-answer")], note).Report));
        Assert.Equal((null, FailureKinds.InvalidOutput), Structured(Read([Message("""{"answer":42}"""), Line(TurnCompleted)], note).Report));
        Assert.Equal((null, FailureKinds.InvalidOutput), Structured(Read([Line(TurnCompleted)], note).Report));
        Assert.Equal((null, FailureKinds.AuthError), Structured(Read([Recording("api-error-401")], note).Report));
        Assert.Equal((null, null), Structured(Read([Message("""{"answer":"42"}""")], note).Report));
    }

    [Theory]
    [InlineData(true, 1, "Error: thread/resume: thread/resume failed: no rollout found for thread id x (code -32600)", FailureKinds.Rejected)]
    [InlineData(true, 143, "Error: thread/resume failed", null)]
    [InlineData(false, 1, "Error: thread/resume failed", null)]
    [InlineData(true, 1, "something else", null)]
    public void A_thread_that_is_gone_is_known_by_what_stands_on_stderr(bool resumes, int exitCode, string stderr, string? kind)
    {
        var reader = new CodexStreamReader(Note with { Resumes = resumes }, new FakeTimeProvider());
        reader.Complete([]);
        var end = new AgentEnd(exitCode, () => new MemoryStream(Encoding.UTF8.GetBytes(stderr)));
        Assert.Equal(kind, reader.Conclude(reader.Report(), end).Failure?.Kind);
    }

    [Theory]
    [InlineData("2026-11-29T02:07:16.344673Z  WARN codex_mcp::rmcp_client: MCP server startup failed server_name=\"notes\" error=handshaking", true, true)]
    [InlineData("2026-11-29T02:07:17.602618Z  WARN codex_mcp::rmcp_client: failed to initialize MCP client during shutdown: MCP startup failed", true, true)]
    [InlineData("2026-11-29T02:07:16.344673Z  WARN codex_mcp::rmcp_client: MCP server startup failed server_name=\"notes\"", false, false)]
    [InlineData("2026-11-29T02:07:16.344673Z ERROR something else", true, false)]
    public void An_MCP_server_that_did_not_come_up_is_known_by_what_stands_on_stderr(string stderr, bool has, bool warns)
    {
        var reader = new CodexStreamReader(Note with { McpServers = has ? ["notes"] : null }, new FakeTimeProvider());
        reader.Complete([]);
        var end = new AgentEnd(0, () => new MemoryStream(Encoding.UTF8.GetBytes(stderr)));
        Assert.Equal(warns ? ["mcp_server_failed"] : [], reader.Conclude(reader.Report(), end).Warnings);
    }

    [Fact]
    public void Memory_is_bounded_whatever_the_answer()
    {
        var text = new string('x', 3 * 1024 * 1024);
        Assert.Equal(CodexStreamReader.KeptAnswerBytes, Read([Message(text), Line(TurnCompleted)]).Report.Answer?.Length);
        Assert.Equal("after", Read([Message(text + text), Message("after"), Line(TurnCompleted)]).Report.Answer);
    }

    [Theory]
    [InlineData("-5", 0)]
    [InlineData("9223372036854775807", RunUsage.MaxTokens)]
    [InlineData("1e999", 0)]
    [InlineData("\"7\"", 0)]
    public void Figures_that_nobody_can_have_used_are_cut_and_end_no_reading(string figure, long tokens) =>
        Assert.Equal(tokens, Read([Line($$$"""{"type":"turn.completed","usage":{"output_tokens":{{{figure}}}}}""")]).Report.Usage?.OutputTokens);

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("{\"type\":")]
    [InlineData("{\"type\":5,\"item\":[]}")]
    [InlineData("{\"type\":\"item.completed\",\"item\":{\"type\":{}}}")]
    [InlineData("{\"type\":\"item.completed\",\"item\":null}")]
    [InlineData("{\"type\":\"thread.started\",\"thread_id\":\"../../etc\"}")]
    [InlineData("{\"type\":\"from the future\",\"message\":null}")]
    [InlineData("{\"\\ud800\":1,\"type\":\"error\"}")]
    public void A_line_that_makes_no_sense_harms_nothing(string line)
    {
        var report = Read([Line(line), Message("fine"), Line(TurnCompleted)]).Report;
        Assert.Equal(("fine", (RunFailure?)null, (Guid?)null), (report.Answer, report.Failure, report.SessionId));
    }

    [Fact]
    public void Any_bytes_at_all_are_survived() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        Read([[.. "{\"type\":\"item.completed\",\"item\":"u8, .. bytes], bytes]);
    });

    [Fact]
    public void A_last_line_without_line_end_counts() => Assert.True(Read([Encoding.UTF8.GetBytes(TurnCompleted)]).Report.HasFinalRecord);

    private static (string?, string?) Structured(AgentReport report) => (report.StructuredOutputJson, report.Failure?.Kind);

    private static byte[] Recording(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings", "Codex", name + ".jsonl"));

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    private static byte[] Message(string text) =>
        Line($$$"""{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":{{{System.Text.Json.JsonSerializer.Serialize(text)}}}}}""");

    private static string Text(AgentReport report) => string.Join('|', report with { Warnings = [] }, string.Join(',', report.Warnings));

    private static (AgentReport Report, List<AgentEvent> Events) Read(IEnumerable<byte[]> pieces, RunNote? note = null)
    {
        var reader = new CodexStreamReader(note ?? Note, new FakeTimeProvider(RecordedAt));
        List<AgentEvent> events = [];
        foreach (var piece in pieces)
        {
            reader.Read(piece, events);
        }

        reader.Complete(events);
        return (reader.Report(), events);
    }
}
