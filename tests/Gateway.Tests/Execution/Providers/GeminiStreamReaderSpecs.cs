using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Gemini;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

/// <summary>Recordings are of Gemini CLI 0.61.0 on the model stub.</summary>
public sealed class GeminiStreamReaderSpecs
{
    private static readonly RunNote Note = new()
    {
        Provider = "gemini",
        SessionId = Guid.Empty,
        CredentialName = "gemini",
        ConfigDirectory = "/nowhere",
    };

    public static TheoryData<string> Recordings => new(
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings", "Gemini"), "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)!));

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
            Assert.Matches("^[A-Za-z ;,'-]{1,119}\\.$", told.Message);
            Assert.Contains(told.Phase, (string[])["starting", "thinking", "tool", "writing"]);
            Assert.Contains(told.Kind, (string[])["lifecycle", "reasoning", "tool_start", "tool_error", "output", "activity"]);
        });
    }

    [Fact]
    public void A_plain_answer_tells_model_session_and_usage_and_no_cost()
    {
        var (report, events) = Read([Recording("plain-answer")]);
        Assert.Equal(("You said: hi there, wörld 🙂", "gemini-3.8-flash"), (report.Answer, report.Model));
        Assert.NotNull(report.SessionId);
        Assert.Null(report.Usage?.CostUsd);
        Assert.True(report.Usage is { InputTokens: > 5000, OutputTokens: > 0, CacheReadTokens: 0, CacheCreationTokens: 0, NumTurns: null });
        Assert.Equal(["The agent is ready.", "The agent is writing.", "The agent gave its final record."], events.Select(told => told.Message));
        Assert.Empty(report.Warnings);
        Assert.Null(report.Failure);
    }

    [Fact]
    public void The_answer_is_what_was_written_after_the_last_tool()
    {
        var (report, events) = Read([Recording("tool-run")]);
        Assert.StartsWith("The tool said:", report.Answer, StringComparison.Ordinal);
        Assert.Equal(4, events.Count(told => told.Kind == "tool_start"));

        var odd = Read([Delta("first "), Delta("half"), Line("""{"type":"tool_use"}"""), Delta(""), Line("""{"type":"tool_result","status":"success"}""")]).Report;
        Assert.Equal("first half", odd.Answer);
        Assert.Equal("later", Read([Delta("first"), Line("""{"type":"tool_use"}"""), Delta("la"), Delta("ter")]).Report.Answer);
        Assert.Equal("whole", Read([Delta("first"), Line("""{"type":"message","role":"assistant","content":"whole"}""")]).Report.Answer);
        Assert.Null(Read([Line("""{"type":"message","role":"user","content":"mine"}""")]).Report.Answer);
    }

    [Theory]
    [InlineData("denied-tool")]
    [InlineData("plan-denied")]
    public void A_tool_that_the_mode_does_not_allow_is_a_warning(string name)
    {
        var (report, events) = Read([Recording(name)]);
        Assert.Equal(["permission_denied"], report.Warnings);
        Assert.Contains(events, told => told.Kind == "tool_error");
        Assert.Null(report.Failure);
    }

    [Fact]
    public void An_empty_answer_is_a_warning() =>
        Assert.Equal(["empty_output"], Read([Line("""{"type":"result","status":"success"}""")]).Report.Warnings);

    [Theory]
    [InlineData("Ripgrep is not available.\nMCP issues detected. Run /mcp list for status.\n", true, true)]
    [InlineData("MCP issues detected. Run /mcp list for status.\n", false, false)]
    [InlineData("Ripgrep is not available.\n", true, false)]
    public void An_MCP_server_that_did_not_come_up_is_known_by_what_stands_on_stderr(string stderr, bool has, bool warns)
    {
        var reader = new GeminiStreamReader(Note with { McpServers = has ? ["notes"] : null }, new FakeTimeProvider());
        reader.Complete([]);
        var end = new AgentEnd(0, () => new MemoryStream(Encoding.UTF8.GetBytes(stderr)));
        Assert.Equal(warns ? ["mcp_server_failed"] : [], reader.Conclude(reader.Report(), end).Warnings);
    }

    /// <summary>The exit code is the one that was recorded beside the lines.</summary>
    [Theory]
    [InlineData("api-error-400", 144, FailureKinds.ApiError, false, false, 400)]
    [InlineData("api-error-401", 145, FailureKinds.AuthError, false, false, 401)]
    [InlineData("api-error-403", 147, FailureKinds.AuthError, false, false, 403)]
    [InlineData("api-error-404", 1, FailureKinds.ApiError, false, false, 404)]
    [InlineData("api-error-429", 173, FailureKinds.UsageLimit, true, false, 429)]
    [InlineData("api-error-500", 244, FailureKinds.ApiError, true, true, 500)]
    [InlineData("api-error-529", 17, FailureKinds.ApiError, true, true, 529)]
    [InlineData("api-error-drop", 1, FailureKinds.ApiError, true, true, null)]
    [InlineData("refusal", 0, FailureKinds.ApiError, false, false, null)]
    public void A_recorded_failure_is_named_in_our_own_words(string name, int exitCode, string kind, bool retryable, bool again, int? status)
    {
        var failure = Conclude(Recording(name), exitCode, name == "api-error-404" ? "…Full report available at: x.json ModelNotFoundError: model: m\n" : "").Failure;
        Assert.NotNull(failure);
        Assert.Equal((kind, retryable, again, status), (failure.Kind, failure.Retryable, failure.Again, failure.ApiStatus));
        Assert.InRange(failure.Message.Length, 20, 500);
        Assert.DoesNotContain("/", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("error\":", failure.Message, StringComparison.Ordinal);
        Assert.Equal(kind == FailureKinds.AuthError, failure.Message.Contains("'gemini'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Please retry in 7s.", 7)]
    [InlineData("Please retry in 34.074824224s.", 35)]
    [InlineData("Please retry in 0.2s.", 1)]
    [InlineData("Please retry in 99999999999s.", 604_800)]
    [InlineData("Please retry in 1e9s.", null)]
    [InlineData("Please retry in -5s.", null)]
    [InlineData("Please retry in s", null)]
    [InlineData("Please retry in ", null)]
    [InlineData("Please retry in minutes", null)]
    [InlineData("quota exceeded", null)]
    [InlineData("You have exhausted your capacity on this model. Your quota will reset after 11h22m33s.", 40_953)]
    [InlineData("Your quota will reset after 2m. Please retry in 7s.", 120)]
    [InlineData("Your quota will reset after midnight", null)]
    public void A_usage_limit_tells_when_it_ends_if_the_provider_says_so(string text, int? seconds)
    {
        var failure = Conclude(Line($$"""{"type":"result","status":"error","error":{"type":"unknown","message":"[API Error: {{text}}]"} }"""), 173).Failure;
        Assert.Equal((FailureKinds.UsageLimit, seconds), (failure?.Kind, failure?.RetryAfterSeconds));
    }

    [Theory]
    [InlineData(41, "", FailureKinds.AuthError)]
    [InlineData(42, "Error resuming session: Invalid session identifier", FailureKinds.Rejected)]
    [InlineData(42, "No input provided", FailureKinds.CliError)]
    [InlineData(44, "", FailureKinds.Rejected)]
    [InlineData(52, "", FailureKinds.CliError)]
    [InlineData(53, "", FailureKinds.MaxTurns)]
    [InlineData(127, "env: 'node': No such file or directory", FailureKinds.CliMissing)]
    [InlineData(1, "anything", null)]
    [InlineData(3, "", null)]
    [InlineData(144, "", null)]
    [InlineData(0, "Error resuming session", null)]
    public void Without_a_record_the_exit_code_says_what_it_can(int exitCode, string stderr, string? kind) =>
        Assert.Equal(kind, Conclude([], exitCode, stderr).Failure?.Kind);

    [Fact]
    public void A_success_that_ends_with_a_bad_exit_code_is_left_to_the_judge() =>
        Assert.Null(Conclude(Recording("plain-answer"), 1).Failure);

    [Fact]
    public void Of_stderr_only_the_end_is_read()
    {
        var end = new AgentEnd(42, () => new MemoryStream([.. "resuming session"u8, .. new byte[AgentEnd.TailBytes]]));
        Assert.Equal(AgentEnd.TailBytes, end.StderrTail().Length);
        Assert.Equal(FailureKinds.CliError, new GeminiStreamReader(Note, new FakeTimeProvider()).Conclude(new AgentReport(), end).Failure?.Kind);
        Assert.Equal(0, new AgentEnd(42, () => new MemoryStream()).StderrTail().Length);
    }

    [Theory]
    [InlineData("-5", 0)]
    [InlineData("1e999", 0)]
    [InlineData("\"7\"", 0)]
    [InlineData("9223372036854775807", RunUsage.MaxTokens)]
    public void Figures_that_nobody_can_have_used_are_cut_and_end_no_reading(string figure, long tokens)
    {
        var report = Read([Line($$"""{"type":"result","status":"success","stats":{"input_tokens":{{figure}},"output_tokens":{{figure}},"cached":0,"models":{"m":{"total_tokens":{{figure}} } } } }""")]).Report;
        Assert.Equal((tokens, tokens, "m"), (report.Usage?.InputTokens, report.Usage?.OutputTokens, report.Model));
    }

    [Fact]
    public void Cached_tokens_are_not_counted_twice()
    {
        var usage = Read([Line("""{"type":"result","status":"success","stats":{"input_tokens":100,"output_tokens":5,"cached":70}}""")]).Report.Usage;
        Assert.Equal((30L, 70L), (usage?.InputTokens, usage?.CacheReadTokens));
    }

    [Fact]
    public void The_record_is_the_answer_where_that_was_asked_for()
    {
        const string record = """{"type":"result","status":"success","stats":{}}""";
        var reader = new GeminiStreamReader(Note with { AnswersWithRecord = true }, new FakeTimeProvider());
        reader.Read([.. Delta("text"), .. Line(record)], []);
        Assert.Equal(record, reader.Report().Answer);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("{\"type\":")]
    [InlineData("{\"type\":5,\"content\":[]}")]
    [InlineData("{\"type\":\"init\",\"session_id\":\"mine\",\"model\":7}")]
    [InlineData("{\"type\":\"message\",\"role\":\"assistant\",\"content\":{\"text\":\"x\"},\"delta\":true}")]
    [InlineData("{\"type\":\"message\",\"role\":[\"assistant\"],\"content\":\"x\"}")]
    [InlineData("{\"type\":\"tool_result\",\"status\":{},\"error\":\"policy_violation\"}")]
    [InlineData("{\"type\":\"error\",\"severity\":\"error\",\"message\":[1]}")]
    [InlineData("{\"type\":\"result\",\"status\":\"error\",\"error\":5,\"stats\":[],\"x\":{}}")]
    [InlineData("{\"type\":\"result\",\"status\":1,\"stats\":{\"models\":{\"m\":null}}}")]
    [InlineData("{\"\\ud800\":1,\"type\":\"init\"}")]
    public void A_line_that_makes_no_sense_harms_nothing(string line)
    {
        var report = Read([Line(line), Delta("fine"), Line("""{"type":"result","status":"success"}""")]).Report;
        Assert.Equal(("fine", null), (report.Answer, report.Failure));
    }

    [Fact]
    public void An_answer_without_end_is_kept_up_to_a_limit()
    {
        var piece = Delta(new string('ä', 1024 * 1024));
        var answer = Read(Enumerable.Repeat(piece, 4)).Report.Answer;
        Assert.Equal(GeminiStreamReader.KeptAnswerBytes, Encoding.UTF8.GetByteCount(answer ?? ""));
    }

    [Fact]
    public void Any_bytes_at_all_are_survived() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        Read([[.. "{\"type\":\"result\",\"stats\":"u8, .. bytes], bytes]);
    });

    [Fact]
    public void A_last_line_without_line_end_counts() =>
        Assert.True(Read(["{\"type\":\"result\",\"status\":\"success\"}"u8.ToArray()]).Report.HasFinalRecord);

    private static byte[] Recording(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings", "Gemini", name + ".jsonl"));

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    private static byte[] Delta(string text) => Line($$"""{"type":"message","role":"assistant","content":"{{text}}","delta":true}""");

    private static string Text(AgentReport report) => string.Join('|', report with { Warnings = [] }, string.Join(',', report.Warnings));

    private static AgentReport Conclude(byte[] lines, int exitCode, string stderr = "")
    {
        var reader = new GeminiStreamReader(Note, new FakeTimeProvider());
        reader.Read(lines, []);
        reader.Complete([]);
        return reader.Conclude(reader.Report(), new AgentEnd(exitCode, () => new MemoryStream(Encoding.UTF8.GetBytes(stderr))));
    }

    private static (AgentReport Report, List<AgentEvent> Events) Read(IEnumerable<byte[]> pieces)
    {
        var reader = new GeminiStreamReader(Note, new FakeTimeProvider());
        List<AgentEvent> events = [];
        foreach (var piece in pieces)
        {
            reader.Read(piece, events);
        }

        reader.Complete(events);
        return (reader.Report(), events);
    }
}
