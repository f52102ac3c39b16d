using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary><c>gateway policy</c> as a person calls it, on real files; alone, and with a gateway that runs.</summary>
public sealed class PolicyCommandSpecs : GatewayHouse
{
    private static readonly string Specification = Path.Combine(BuiltPrograms.Root(), "tests", "Gateway.Tests", "Policies");

    [Theory]
    [InlineData(0, "auditor.json")]
    [InlineData(0, "auditor.json", "--fail-on-warning")]
    [InlineData(0, "seed.json")]
    [InlineData(2, "seed.json", "--fail-on-warning")]
    public async Task Check_says_by_its_exit_code_what_it_found(int code, string example, params string[] options)
    {
        var (exit, output) = await AskAsync(["policy", "check", Example(example), .. options]);

        Assert.Equal(code, exit);
        Assert.Contains("policy  " + Path.GetFileNameWithoutExtension(example) + " sha256:", output, StringComparison.Ordinal);
        Assert.Contains("{\"all_tools\":{\"limits\":[", output, StringComparison.Ordinal);
        Assert.Equal(example == "seed.json", output.Contains("warning W03 seed.json /tools", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_tells_every_fault_with_its_place_and_records_with_json()
    {
        await File.WriteAllTextAsync(At("bad.json"), "{ \"version\": \"1\",\n  \"default\": \"maybe\\u001b[2J\",\n  \"rate_limit\": \"10/minute\" }", Token);

        var (exit, output) = await AskAsync("policy", "check", At("bad.json"));
        var (_, record) = await AskAsync("policy", "check", At("bad.json"), "--json");
        var (gone, _) = await AskAsync("policy", "check", At("gone.json"));

        Assert.Equal((1, 1), (exit, gone));
        Assert.Contains("error   bad.json:2:", output, StringComparison.Ordinal);
        Assert.Contains("error   bad.json:3:", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        var json = JsonElement.Parse(record);
        Assert.False(json.GetProperty("valid").GetBoolean());
        Assert.Equal([2, 3], json.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task The_schema_is_printed_whole()
    {
        var (exit, output) = await AskAsync("policy", "schema");

        Assert.Equal(0, exit);
        Assert.True(JsonElement.Parse(output).GetProperty("properties").GetProperty("tools").GetProperty("properties").TryGetProperty("claude_request_async", out _));
    }

    [Fact]
    public async Task All_cases_of_the_specification_go_as_expected_with_the_tools_of_the_gateway()
    {
        var (exit, output) = await AskAsync("policy", "test", Example("seed.json"), Path.Combine(Specification, "policy-cases.json"), "--json");

        var record = JsonElement.Parse(output);
        Assert.Equal((0, 22, 0), (exit, record.GetProperty("passed").GetInt32(), record.GetProperty("failed").GetInt32()));
    }

    [Fact]
    public async Task A_difference_is_told_with_case_step_wanted_and_got_and_what_cannot_be_read_is_no_difference()
    {
        const string Cases =
            """
            { "identities": { "alice": { "tenant": "t1" } },
              "cases": [ { "id": "A", "calls": [ { "tool": "claude_request_async", "args": { "prompt": "x" }, "identity": "alice" } ], "expect": [ { "allowed": true } ] },
                         { "id": "B", "calls": [ { "tool": "llm_job_status", "args": {}, "identity": "alice" } ], "expect": [ { "allowed": true } ] } ] }
            """;
        await File.WriteAllTextAsync(At("cases.json"), Cases, Token);
        await File.WriteAllTextAsync(At("no.json"), "{", Token);

        var both = await AskAsync("policy", "test", Example("seed.json"), At("cases.json"));
        var one = await AskAsync("policy", "test", Example("seed.json"), At("cases.json"), "--case", "A");

        Assert.Equal(1, both.ExitCode);
        Assert.Contains("DIFFERS B", both.Output, StringComparison.Ordinal);
        Assert.Contains("step 0: allowed wanted True, got false", both.Output, StringComparison.Ordinal);
        Assert.Equal(0, one.ExitCode);
        Assert.DoesNotContain("B", one.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await AskAsync("policy", "test", Example("seed.json"), At("cases.json"), "--case", "C")).ExitCode);
        Assert.Equal(2, (await AskAsync("policy", "test", Example("seed.json"), At("no.json"))).ExitCode);
        Assert.Equal(2, (await AskAsync("policy", "test", At("gone.json"), At("cases.json"))).ExitCode);
    }

    [Fact]
    public async Task A_file_alone_is_asked_what_it_says_of_a_call()
    {
        var passes = await AskAsync("policy", "explain", "--file", Example("seed.json"), "--tool", "claude_request_async", "--args", """{"prompt":"x"}""", "--json");
        var denied = await AskAsync("policy", "explain", "--file", Example("seed.json"), "--tool", "llm_job_status", "--args", """{"jobId":"job_x"}""", "--json");
        var wrong = await AskAsync("policy", "explain", "--file", Example("seed.json"), "--tool", "claude_request_async", "--args", """{"promt":"x"}""");
        var unknown = await AskAsync("policy", "explain", "--file", Example("seed.json"), "--tool", "claude");
        var twice = await AskAsync("policy", "explain", "--file", Example("seed.json"), "--tool", "claude_request_async", "--args", """{"prompt":"x","prompt":"y"}""");

        Assert.Equal((0, "allowed"), (passes.ExitCode, Text(passes.Output, "decision")));
        Assert.Equal(10, JsonElement.Parse(passes.Output).GetProperty("counters")[0].GetProperty("remaining").GetDecimal());
        Assert.False(JsonElement.Parse(passes.Output).GetProperty("live").GetBoolean());
        Assert.Equal((1, "policy_denied", "(default deny)"), (denied.ExitCode, Text(denied.Output, "kind"), Text(denied.Output, "rule")));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("did you mean prompt?", wrong.Output, StringComparison.Ordinal);
        Assert.Equal((2, 2), (unknown.ExitCode, twice.ExitCode));
    }

    [Fact]
    public async Task A_running_gateway_tells_what_is_left_and_nothing_changes_by_the_question()
    {
        Directory.CreateDirectory(At("policies"));
        await File.WriteAllTextAsync(At("policies/local.json"), """{"version":"1","default":"deny","tools":{"claude_request_async":{"limits":[{"counter":"starts","window":"day","max":2}]}}}""", Token);
        var gateway = await StartAsync(("Policies:Folder", At("policies")));

        var fresh = await ExplainAsync(gateway, "claude_request_async", """{"prompt":"a secret of mine"}""");
        await gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: answer x]]" });
        var once = await ExplainAsync(gateway, "claude_request_async", """{"prompt":"a secret of mine"}""");
        await gateway.Client.CallAsync("claude_request_async", new { prompt = "[[fake: answer x]]" });
        var full = await ExplainAsync(gateway, "claude_request_async", """{"prompt":"a secret of mine"}""");
        var listed = await ExplainAsync(gateway, "llm_job_list", "{}");
        var stranger = await ExplainAsync(gateway, "llm_job_list", "{}", "--grant", "nobody");

        Assert.Equal([(0, "allowed", 2m), (0, "allowed", 1m), (1, "denied", 0m)], new[] { fresh, once, full }.Select(one =>
            (one.ExitCode, Text(one.Output, "decision"), JsonElement.Parse(one.Output).GetProperty("counters")[0].GetProperty("remaining").GetDecimal())));
        Assert.Equal("rate_limited", Text(full.Output, "kind"));
        Assert.InRange(JsonElement.Parse(full.Output).GetProperty("retryAfterSeconds").GetInt32(), 1, 86_400);
        Assert.Equal((1, "(default deny)"), (listed.ExitCode, Text(listed.Output, "rule")));
        Assert.Equal(2, stranger.ExitCode);
        Assert.Equal(2, gateway.Store.Jobs().Count);
        Assert.Equal([("claude_request_async", "starts", 2m)], gateway.Store.Counters());
        Assert.DoesNotContain("secret", gateway.Log, StringComparison.Ordinal);
        Assert.Contains("POST /admin/policy/explain; the answer was 200", gateway.Log, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> ExplainAsync(GatewayProcess gateway, string tool, string arguments, params string[] more) =>
        AskAsync(["policy", "explain", "--tool", tool, "--args", arguments, "--json", "--data-folder", gateway.Data, .. more]);

    private static string Example(string name) => Path.Combine(Specification, "Examples", name);

    private static string? Text(string json, string name) => JsonElement.Parse(json).GetProperty(name).GetString();

    private static Task<(int ExitCode, string Output)> AskAsync(params string[] arguments) => GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, arguments);
}
