using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Claude;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class ClaudeStreamReaderSpecs
{
    private static readonly RunNote Note = new()
    {
        Provider = "claude",
        SessionId = Guid.Empty,
        CredentialName = "main",
        ConfigDirectory = "/nowhere",
    };

    public static TheoryData<string> Recordings => new(
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings"), "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)!));

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

        Gen.Int[1, bytes.Length].Array[1, 8].Sample(
            cuts => Text(Read(Cut(bytes, cuts)).Report) == Text(whole), iter: 20, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Events_hold_fixed_phrases_and_end_where_a_line_ends(string name)
    {
        var bytes = Recording(name);
        var (_, events) = Read([bytes]);
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
    [InlineData("api-error-400-credit", FailureKinds.AuthError, false, false, 400)]
    [InlineData("api-error-400-too-long", FailureKinds.ApiError, false, false, 400)]
    [InlineData("api-error-401", FailureKinds.AuthError, false, false, 401)]
    [InlineData("api-error-403", FailureKinds.AuthError, false, false, 403)]
    [InlineData("api-error-404", FailureKinds.ApiError, false, false, 404)]
    [InlineData("api-error-429", FailureKinds.UsageLimit, true, false, 429)]
    [InlineData("api-error-500", FailureKinds.ApiError, true, true, 500)]
    [InlineData("api-error-529", FailureKinds.ApiError, true, true, 529)]
    [InlineData("api-error-drop", FailureKinds.ApiError, true, true, null)]
    [InlineData("drop-mid", FailureKinds.ApiError, true, true, null)]
    [InlineData("sse-error", FailureKinds.ApiError, true, true, 500)]
    [InlineData("budget", FailureKinds.BudgetExceeded, false, false, null)]
    [InlineData("max-turns", FailureKinds.MaxTurns, false, false, null)]
    [InlineData("refusal", FailureKinds.ApiError, false, false, null)]
    [InlineData("unknown-session", FailureKinds.Rejected, false, false, null)]
    public void A_recorded_failure_is_named(string name, string kind, bool retryable, bool again, int? status)
    {
        var failure = Read([Recording(name)]).Report.Failure;
        Assert.NotNull(failure);
        Assert.Equal((kind, retryable, again, status), (failure.Kind, failure.Retryable, failure.Again, failure.ApiStatus));
        Assert.InRange(failure.Message.Length, 20, 500);
        Assert.DoesNotContain("/", failure.Message.Replace("api/", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain-answer")]
    [InlineData("resumed")]
    [InlineData("thinking")]
    [InlineData("tool-run")]
    [InlineData("denied-tool")]
    [InlineData("structured-output")]
    [InlineData("max-tokens")]
    public void A_recorded_success_is_no_failure(string name)
    {
        var report = Read([Recording(name)]).Report;
        Assert.Null(report.Failure);
        Assert.True(report.HasFinalRecord);
        Assert.False(string.IsNullOrEmpty(report.Answer));
        Assert.False(report.AnswerIsError);
    }

    [Fact]
    public void A_plain_answer_tells_model_session_usage_and_cost()
    {
        var report = Read([Recording("plain-answer")]).Report;
        Assert.Equal("You said: hi there, wörld 🙂", report.Answer);
        Assert.Equal("claude-opus-5-5", report.Model);
        Assert.Equal(Guid.Parse("e3c3c174-8806-4868-bca9-c38b610cb338"), report.SessionId);
        Assert.Equal(new RunUsage { CostUsd = 0.056512m, InputTokens = 14093, OutputTokens = 7, CacheReadTokens = 0, CacheCreationTokens = 0, NumTurns = 1 }, report.Usage);
    }

    [Fact]
    public void A_resumed_conversation_costs_what_this_run_added()
    {
        // The record says 0.113112 for the whole conversation, of which the first run was 0.056512.
        Assert.Equal(0.0566m, Read([Recording("resumed")]).Report.Usage?.CostUsd);
    }

    [Fact]
    public void Without_the_part_since_the_last_record_the_earlier_total_is_taken_off()
    {
        var report = Read([Line("""{"type":"result","is_error":false,"result":"x","total_cost_usd":0.75,"usage":{"input_tokens":3}}""")], Note with { EarlierCostUsd = 0.5m }).Report;
        Assert.Equal((0.25m, 3L), (report.Usage?.CostUsd, report.Usage?.InputTokens));
    }

    [Theory]
    [InlineData("-5", 0, 0)]
    [InlineData("7e27", 1_000_000_000, 0)]
    [InlineData("79228162514264337593543950335", 1_000_000_000, 0)]
    [InlineData("9223372036854775807", 1_000_000_000, RunUsage.MaxTokens)]
    [InlineData("1e999", 0, 0)]
    public void Figures_that_nobody_can_have_used_are_cut_and_end_no_reading(string figure, int usd, long tokens)
    {
        var model = $$$"""{"costUSD":{{{figure}}},"inputTokens":{{{figure}}},"cacheReadInputTokens":{{{figure}}} }""";
        var report = Read([
            Line($$$"""{"type":"result","is_error":false,"result":"x","num_turns":{{{figure}}},"total_cost_usd":{{{figure}}},"model_usage_since_last_result":{"a":{{{model}}},"b":{{{model}}} } }"""),
            Line($$$"""{"type":"result","is_error":false,"result":"y","model_usage_since_last_result":{"a":{{{model}}},"b":{{{model}}} } }"""),
        ]).Report;
        Assert.Equal(("y", usd, tokens, tokens), (report.Answer, report.Usage?.CostUsd, report.Usage?.InputTokens, report.Usage?.CacheReadTokens));
    }

    [Fact]
    public void The_last_of_several_final_records_wins_and_their_cost_is_summed()
    {
        var report = Read([
            Line("""{"type":"result","is_error":true,"subtype":"error_max_turns","model_usage_since_last_result":{"m":{"costUSD":0.5,"inputTokens":2}}}"""),
            Line("""{"result":"second","is_error":false,"model_usage_since_last_result":{},"total_cost_usd":9,"type":"result"}"""),
        ]).Report;
        Assert.Null(report.Failure);
        Assert.Equal(("second", 0.5m, 2L), (report.Answer, report.Usage?.CostUsd, report.Usage?.InputTokens));
    }

    [Fact]
    public void Success_as_subtype_with_is_error_is_a_failure_whose_text_is_an_error()
    {
        var report = Read([Line("""{"type":"result","subtype":"success","is_error":true,"result":"API Error: 500 boom","api_error_status":500}""")]).Report;
        Assert.Equal(FailureKinds.ApiError, report.Failure?.Kind);
        Assert.True(report.AnswerIsError);
        Assert.Equal("API Error: 500 boom", report.Answer);
    }

    [Fact]
    public void A_missing_structured_output_is_invalid_only_when_it_was_asked_for()
    {
        var bytes = Recording("structured-output-missing");
        Assert.Null(Read([bytes]).Report.Failure);
        var failure = Read([bytes], Note with { WantsStructuredOutput = true }).Report.Failure;
        Assert.Equal((FailureKinds.InvalidOutput, true), (failure?.Kind, failure?.Retryable));
        Assert.Null(Read([Recording("structured-output")], Note with { WantsStructuredOutput = true }).Report.Failure);
        Assert.Equal("""{"answer":"42"}""", Read([Recording("structured-output")]).Report.StructuredOutputJson);
    }

    [Fact]
    public void A_denied_tool_is_a_warning() => Assert.Equal(["permission_denied"], Read([Recording("denied-tool")]).Report.Warnings);

    [Theory]
    [InlineData("""[{"name":"notes","status":"connected"}]""", "notes", false)]
    [InlineData("""[{"name":"notes","status":"failed"}]""", "notes", true)]
    [InlineData("""[{"name":"notes","status":"pending"}]""", "notes", true)]
    [InlineData("""[{"name":"notes","status":"connected"},{"name":"docs","status":"needs-auth"}]""", "notes docs", true)]
    [InlineData("""[{"name":"notes","status":"connected"},{"name":"docs","status":"failed"}]""", "notes", false)]
    [InlineData("[]", "notes", true)]
    [InlineData("null", "notes", true)]
    [InlineData("[]", null, false)]
    public void An_MCP_server_of_the_run_that_is_not_up_when_the_agent_begins_is_a_warning(string servers, string? names, bool warns)
    {
        var report = Read(
            [Line($$"""{"type":"system","subtype":"init","mcp_servers":{{servers}}}"""), Line("""{"type":"result","is_error":false,"result":"x"}""")],
            Note with { McpServers = names?.Split(' ') }).Report;
        Assert.Equal(warns ? ["mcp_server_failed"] : [], report.Warnings);
    }

    [Fact]
    public void An_empty_answer_is_a_warning() =>
        Assert.Equal(["empty_output"], Read([Line("""{"type":"result","is_error":false,"result":""}""")]).Report.Warnings);

    [Fact]
    public void A_refused_credential_is_named_with_a_remedy()
    {
        var failure = Read([Line("""{"type":"result","is_error":true,"subtype":"success","result":"Not logged in · Please run /login"}""")]).Report.Failure;
        Assert.Equal(FailureKinds.AuthError, failure?.Kind);
        Assert.Contains("'main'", failure?.Message, StringComparison.Ordinal);
        Assert.Contains("Credentials:main", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_usage_limit_tells_when_it_ends()
    {
        var reset = new FakeTimeProvider().GetUtcNow().ToUnixTimeSeconds() + 90;
        var failure = Read([Line($$"""{"type":"result","is_error":true,"subtype":"success","result":"Claude AI usage limit reached|{{reset}}"}""")]).Report.Failure;
        Assert.Equal((FailureKinds.UsageLimit, 90, DateTimeOffset.FromUnixTimeSeconds(reset)), (failure?.Kind, failure?.RetryAfterSeconds, failure?.ResetsAt));
    }

    // It is midnight, 1 January 2000, in UTC.
    [Theory]
    [InlineData("You've hit your limit · resets 3am (UTC)", 3 * 3600)]
    [InlineData("You've hit your session limit · resets 10:30pm (Europe/Berlin)", (21 * 60 + 30) * 60)]
    [InlineData("5-hour limit reached ∙ resets 12:15am (UTC)", 15 * 60)]
    [InlineData("Weekly limit reached ∙ resets Jan 3, 10am (UTC)", (2 * 24 + 10) * 3600)]
    [InlineData("Weekly limit reached ∙ resets Dec 31, 10am (UTC)", 7 * 24 * 3600)]
    [InlineData("You've hit your limit · resets 3am (Middle/Earth)", null)]
    [InlineData("You've hit your limit · resets soon", null)]
    [InlineData("Claude AI usage limit reached|99999999999999999", 7 * 24 * 3600)]
    [InlineData("Claude AI usage limit reached", null)]
    public void A_usage_limit_that_is_told_in_words_ends_at_the_next_such_time_of_that_zone(string text, int? seconds)
    {
        var failure = Read([Line($$"""{"type":"result","is_error":true,"subtype":"success","result":"{{text}}"}""")]).Report.Failure;
        Assert.Equal((FailureKinds.UsageLimit, seconds), (failure?.Kind, failure?.RetryAfterSeconds));
    }

    [Theory]
    [InlineData("rejected", 600)]
    [InlineData("allowed", null)]
    [InlineData("allowed_warning", null)]
    public void The_end_of_a_window_that_still_has_room_is_not_the_end_of_the_limit(string status, int? seconds)
    {
        var reset = new FakeTimeProvider().GetUtcNow().ToUnixTimeSeconds() + 600;
        var failure = Read([
            Line($$"""{"type":"rate_limit_event","rate_limit_info":{"status":"{{status}}","resetsAt":{{reset}},"rateLimitType":"five_hour"} }"""),
            Line("""{"type":"result","is_error":true,"subtype":"success","api_error_status":429,"result":"API Error: Request rejected (429)"}""")]).Report.Failure;
        Assert.Equal((FailureKinds.UsageLimit, seconds), (failure?.Kind, failure?.RetryAfterSeconds));
    }

    [Fact]
    public void A_run_that_is_cut_off_leaves_the_text_so_far()
    {
        var report = Read([
            Line("""{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"old"}]}}"""),
            Line("""{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"first. "}]}}"""),
            Line("""{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"second. "}]}}"""),
            Line("""{"type":"assistant","parent_tool_use_id":"t","message":{"id":"m3","content":[{"type":"text","text":"of a helper"}]}}"""),
            Line("""{"type":"stream_event","event":{"type":"content_block_start","content_block":{"type":"text","text":""}}}"""),
            Line("""{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"thi"}}}"""),
        ]).Report;
        Assert.False(report.HasFinalRecord);
        Assert.Equal("first. second. thi", report.Answer);
    }

    [Fact]
    public void A_line_that_is_too_long_is_passed_over_and_the_next_one_read()
    {
        var report = Read([
            Encoding.UTF8.GetBytes("""{"type":"assistant","x":" """),
            .. Enumerable.Repeat(new byte[1024 * 1024], 20),
            Line("\"}"),
            Line("""{"type":"result","is_error":false,"result":"after"}"""),
        ]).Report;
        Assert.Equal("after", report.Answer);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("{\"type\":")]
    [InlineData("{\"type\":5,\"message\":[]}")]
    [InlineData("{\"type\":\"assistant\",\"message\":{\"content\":{\"type\":\"text\"}}}")]
    [InlineData("{\"type\":\"result\",\"result\":{\"a\":1},\"num_turns\":\"x\",\"usage\":7}")]
    [InlineData("{\"type\":\"from the future\",\"message\":null}")]
    [InlineData("{\"\\ud800\":1,\"type\":\"system\"}")]
    public void A_line_that_makes_no_sense_harms_nothing(string line)
    {
        var report = Read([Line(line), Line("""{"type":"result","is_error":false,"result":"fine"}""")]).Report;
        Assert.Equal("fine", report.Answer);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_become_replacement_characters()
    {
        byte[] line = [.. "{\"type\":\"result\",\"is_error\":false,\"result\":\"a"u8, 0xff, 0xc3, .. "b\"}\n"u8];
        Assert.Equal("a\ufffd\ufffdb", Read([line]).Report.Answer);
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character() =>
        Assert.Equal("a\ufffd\n\"b", Read([Line("""{"type":"result","is_error":false,"result":"a\ud83d\n\"b"}""")]).Report.Answer);

    [Fact]
    public void Any_bytes_at_all_are_survived() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        Read([[.. "{\"type\":\"assistant\",\"message\":"u8, .. bytes], bytes]);
    });

    [Fact]
    public void A_last_line_without_line_end_counts() =>
        Assert.Equal("x", Read(["{\"type\":\"result\",\"is_error\":false,\"result\":\"x\"}"u8.ToArray()]).Report.Answer);

    private static byte[] Recording(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Execution", "Recordings", name + ".jsonl"));

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    private static IEnumerable<byte[]> Cut(byte[] bytes, int[] cuts)
    {
        var from = 0;
        foreach (var cut in cuts.Order().Append(bytes.Length))
        {
            yield return bytes[from..cut];
            from = cut;
        }
    }

    private static string Text(AgentReport report) => string.Join('|', report with { Warnings = [] }, string.Join(',', report.Warnings));

    private static (AgentReport Report, List<AgentEvent> Events) Read(IEnumerable<byte[]> pieces, RunNote? note = null)
    {
        var reader = new ClaudeStreamReader(note ?? Note, new FakeTimeProvider());
        List<AgentEvent> events = [];
        foreach (var piece in pieces)
        {
            reader.Read(piece, events);
        }

        reader.Complete(events);
        return (reader.Report(), events);
    }
}
