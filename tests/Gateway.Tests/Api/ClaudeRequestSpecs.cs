using System.Text;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Parking;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class ClaudeRequestSpecs : IDisposable
{
    private const string Tool = "claude_request_async";
    private static readonly string Root = Directory.GetCurrentDirectory();
    private readonly Bench bench = new(("Workspaces:Roots:0", Root));

    public void Dispose() => bench.Dispose();

    public static TheoryData<string> Good => new()
    {
        """{"prompt":"x"}""",
        """{"prompt":"--dangerously-skip-permissions"}""",
        """{"prompt":"x","model":null,"labels":null}""",
        """{"promptParts":{"task":"x"}}""",
        """{"promptParts":{"task":"x","system":"","tools":null,"context":"y"},"prompt":null}""",
        """{"prompt":"x","model":"claude-opus-5[1m]"}""",
        """{"prompt":"x","model":"us.anthropic/claude:0@x"}""",
        """{"prompt":"x","fallbackModel":"a,b,c"}""",
        """{"prompt":"x","permissionMode":"dontAsk"}""",
        """{"prompt":"x","allowedTools":[],"disallowedTools":[]}""",
        """{"prompt":"x","allowedTools":["Read","Bash(git log *)","mcp__a__b"],"disallowedTools":["Bash","mcp__x"]}""",
        """{"prompt":"x","maxTurns":1}""",
        """{"prompt":"x","maxTurns":1000.0}""",
        """{"prompt":"x","maxBudgetUsd":0.000001}""",
        """{"prompt":"x","maxBudgetUsd":1000}""",
        """{"prompt":"x","effort":"xhigh","timeoutMs":1000,"idleTimeoutMs":30000,"maxAttempts":1}""",
        """{"prompt":"x","timeoutMs":86400000,"idleTimeoutMs":3600000,"maxAttempts":10}""",
        """{"prompt":"x","systemPrompt":"be short"}""",
        """{"prompt":"x","jsonSchema":{"type":"object","properties":{"a":{"type":["string","null"],"minLength":1}},"required":["a"]}}""",
        """{"prompt":"x","jsonSchema":"{\"type\":\"object\"}"}""",
        """{"prompt":"x","tools":[],"name":"Tuesday's job: ünïcode","noSessionPersistence":true,"excludeDynamicSystemPromptSections":true,"safeMode":true}""",
        """{"prompt":"x","tools":[""],"outputFormat":"text"}""",
        """{"prompt":"x","tools":["Read","mcp__a__b"],"agent":"helper","agents":{"helper":{"description":"d","prompt":"p"},"h-2":{"description":"d","prompt":"p","tools":["Read"],"model":"opus"}}}""",
        """{"prompt":"x","labels":["a","A","team:x/y=1"],"correlationId":"a.b:c-d_1","idempotencyKey":"!~"}""",
        """{"prompt":"x","createNewSession":false,"priority":"normal","onUsageLimit":"park","outputFormat":"stream-json","addDir":[],"mcpServers":[],"dedup":false}""",
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_call_within_the_limits_makes_a_job(string arguments)
    {
        var reply = (await bench.CallAsync(Tool, arguments)).Succeeds();

        Assert.Single(bench.Jobs.Submitted);
        Assert.Equal(reply.Record.GetProperty("jobId").GetString(), reply.Record.GetProperty("job").GetProperty("id").GetString());
        Assert.StartsWith("Not finished: job_", reply.Text, StringComparison.Ordinal);
        Assert.InRange(reply.Text.Length, 1, 400);
    }

    public static TheoryData<string, string, string> Bad => new()
    {
        { """{}""", "prompt", "1..1000000" },
        { """{"prompt":""}""", "prompt", "1..1000000" },
        { """{"prompt":null}""", "prompt", "1..1000000" },
        { """{"prompt":5}""", "prompt", "a text" },
        { """{"prompt":["x"]}""", "prompt", "a text" },
        { """{"prompt":"a\u0000b"}""", "prompt", "no NUL" },
        { """{"prompt":"a\ud800b"}""", "prompt", "Unicode" },
        { """{"prompt":"x","model":""}""", "model", "1..128" },
        { """{"prompt":"x","model":"opus --add-dir /"}""", "model", "A-Za-z0-9" },
        { """{"prompt":"x","model":"../x"}""", "model", "first a letter" },
        { """{"prompt":"x","model":"--version"}""", "model", "first a letter" },
        { """{"prompt":"x","model":"opus\n"}""", "model", "A-Za-z0-9" },
        { """{"prompt":"x","fallbackModel":"a,b,c,d"}""", "fallbackModel", "1..3 model names" },
        { """{"prompt":"x","fallbackModel":"a,"}""", "fallbackModel", "1..3 model names" },
        { """{"prompt":"x","fallbackModel":"a,--x"}""", "fallbackModel", "1..3 model names" },
        { """{"prompt":"x","permissionMode":"yolo"}""", "permissionMode", "bypassPermissions" },
        { """{"prompt":"x","permissionMode":"Plan"}""", "permissionMode", "plan" },
        { """{"prompt":"x","allowedTools":"Read"}""", "allowedTools", "a list" },
        { """{"prompt":"x","allowedTools":["--x"]}""", "allowedTools[0]", "no leading -" },
        { """{"prompt":"x","allowedTools":["Read",""]}""", "allowedTools[1]", "1..256" },
        { """{"prompt":"x","allowedTools":["Bash(a\nb)"]}""", "allowedTools[0]", "Bash(git *)" },
        { """{"prompt":"x","allowedTools":["Read",7]}""", "allowedTools[1]", "a text" },
        { """{"prompt":"x","disallowedTools":["Bsh"]}""", "disallowedTools[0]", "a tool that Claude Code has" },
        { """{"prompt":"x","maxTurns":0}""", "maxTurns", "1..1000" },
        { """{"prompt":"x","maxTurns":1001}""", "maxTurns", "1..1000" },
        { """{"prompt":"x","maxTurns":1.5}""", "maxTurns", "whole number" },
        { """{"prompt":"x","maxTurns":"5"}""", "maxTurns", "whole number" },
        { """{"prompt":"x","maxTurns":1e400}""", "maxTurns", "whole number" },
        { """{"prompt":"x","maxBudgetUsd":0}""", "maxBudgetUsd", "> 0..1000" },
        { """{"prompt":"x","maxBudgetUsd":1000.01}""", "maxBudgetUsd", "> 0..1000" },
        { """{"prompt":"x","maxBudgetUsd":true}""", "maxBudgetUsd", "number" },
        { """{"prompt":"x","effort":"huge"}""", "effort", "low|medium" },
        { """{"prompt":"x","systemPrompt":""}""", "systemPrompt", "1..100000" },
        { """{"prompt":"x","systemPrompt":"a","appendSystemPrompt":"b"}""", "appendSystemPrompt", "only one" },
        { """{"prompt":"x","tools":["Bash(git *)"]}""", "tools[0]", "without a rule" },
        { """{"prompt":"x","tools":["--x"]}""", "tools[0]", "without a rule" },
        { """{"prompt":"x","tools":["Read,Bash"]}""", "tools[0]", "without a rule" },
        { """{"prompt":"x","name":"-n"}""", "name", "no leading -" },
        { """{"prompt":"x","name":"a\nb"}""", "name", "one line" },
        { """{"prompt":"x","agent":"-a"}""", "agent", "no leading -" },
        { """{"prompt":"x","agents":[]}""", "agents", "an object" },
        { """{"prompt":"x","agents":{"A":{"description":"d","prompt":"p"}}}""", "agents.A", "a-z0-9-" },
        { """{"prompt":"x","agents":{"a":"p"}}""", "agents.a", "an object" },
        { """{"prompt":"x","agents":{"a":{"description":"d"}}}""", "agents.a.prompt", "a text" },
        { """{"prompt":"x","agents":{"a":{"description":"d","prompt":"p","tool":["Read"]}}}""", "agents.a.tool", "description|prompt|tools|model" },
        { """{"prompt":"x","agents":{"a":{"description":"d","prompt":"p","tools":["--x"]}}}""", "agents.a.tools[0]", "like Read" },
        { """{"prompt":"x","agents":{"a":{"description":"d","prompt":"p","model":"-m"}}}""", "agents.a.model", "first a letter" },
        { """{"prompt":"x","outputFormat":"xml"}""", "outputFormat", "text|json|stream-json" },
        { """{"prompt":"x","jsonSchema":[]}""", "jsonSchema", "an object" },
        { """{"prompt":"x","jsonSchema":"{"}""", "jsonSchema", "JSON" },
        { """{"prompt":"x","jsonSchema":"[]"}""", "jsonSchema", "schema of an object" },
        { """{"prompt":"x","jsonSchema":{"type":"string"}}""", "jsonSchema", "schema of an object" },
        { """{"prompt":"x","jsonSchema":{"type":"object","properties":{"a":{"type":"text"}}}}""", "jsonSchema", "$.properties.a.type" },
        { """{"prompt":"x","jsonSchema":{"type":"object","required":"a"}}""", "jsonSchema", "$.required" },
        { """{"prompt":"x","jsonSchema":{"type":"object","properties":{"a":5}}}""", "jsonSchema", "$.properties.a" },
        { """{"prompt":"x","jsonSchema":{"type":"object","properties":{"a":{"pattern":"("}}}}""", "jsonSchema", "pattern" },
        { """{"prompt":"x","workingDir":"src"}""", "workingDir", "absolute path" },
        { """{"prompt":"x","workingDir":"/etc"}""", "workingDir", "registered root" },
        { """{"prompt":"x","timeoutMs":999}""", "timeoutMs", "1000..86400000" },
        { """{"prompt":"x","timeoutMs":86400001}""", "timeoutMs", "1000..86400000" },
        { """{"prompt":"x","idleTimeoutMs":29999}""", "idleTimeoutMs", "30000..3600000" },
        { """{"prompt":"x","maxAttempts":11}""", "maxAttempts", "1..10" },
        { """{"prompt":"x","labels":["a","a"]}""", "labels[1]", "no one twice" },
        { """{"prompt":"x","labels":["-a"]}""", "labels[0]", "first a letter" },
        { """{"prompt":"x","labels":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", "labels", "at most 16" },
        { """{"prompt":"x","correlationId":"a b"}""", "correlationId", "A-Za-z0-9" },
        { """{"prompt":"x","idempotencyKey":"a b"}""", "idempotencyKey", "visible ASCII" },
        { """{"prompt":"x","maxTruns":5}""", "maxTruns", "no such argument" },
        { """{"prompt":"x","$type":"a"}""", "$type", "no such argument" },
        { """{"prompt":"x","settings":"/etc/passwd"}""", "settings", "not accepted" },
        { """{"prompt":"x","bare":true}""", "bare", "not accepted" },
        { """{"promptParts":{"task":"x"},"prompt":"x"}""", "promptParts", "exactly one of prompt and promptParts" },
        { """{"promptParts":{}}""", "promptParts.task", "1..1000000" },
        { """{"promptParts":{"task":""}}""", "promptParts.task", "1..1000000" },
        { """{"promptParts":{"task":null,"system":"x"}}""", "promptParts.task", "1..1000000" },
        { """{"promptParts":{"task":"x","sytem":"y"}}""", "promptParts.sytem", "system|tools|context|task" },
        { """{"promptParts":{"task":"x","tools":["y"]}}""", "promptParts.tools", "a text" },
        { """{"promptParts":{"task":"a\u0000b"}}""", "promptParts.task", "no NUL" },
        { """{"promptParts":{"task":"a\ud800b"}}""", "promptParts.task", "Unicode" },
        { """{"promptParts":"x"}""", "promptParts", "an object" },
        { $$"""{"prompt":"x","model":"{{new string('m', 300)}}"}""", "model", "1..128" },
        { """{"prompt":{"$type":"System.IO.FileInfo","fileName":"/etc/passwd"}}""", "prompt", "a text" },
        { """{"prompt":"x","mcpServers":{"mine":{"command":"/bin/sh","args":["-c","id"]}}}""", "mcpServers", "at most 16 entries" },
        { """{"prompt":"x","mcpServers":[{"url":"http://169.254.169.254/"}]}""", "mcpServers[0]", "a text" },
        { """{"prompt":"x","mcpConfig":"{\"mcpServers\":{}}"}""", "mcpConfig", "no such argument" },
        { """{"prompt":"x","env":{"LD_PRELOAD":"/tmp/x.so"}}""", "env", "no such argument" },
        { """{"prompt":"x","environment":["PATH=/tmp"]}""", "environment", "no such argument" },
        { """{"prompt":"x","LD_PRELOAD":"/tmp/x.so"}""", "LD_PRELOAD", "no such argument" },
        { """{"prompt":"x","NODE_OPTIONS":"--require /tmp/x.js"}""", "NODE_OPTIONS", "no such argument" },
        { """{"prompt":"x","PATH":"/tmp"}""", "PATH", "no such argument" },
        { """{"prompt":"x","ANTHROPIC_BASE_URL":"http://evil"}""", "ANTHROPIC_BASE_URL", "no such argument" },
        { """{"prompt":"x","GIT_SSH_COMMAND":"id"}""", "GIT_SSH_COMMAND", "no such argument" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_call_outside_the_limits_is_refused_and_leaves_no_job(string arguments, string field, string limit)
    {
        var reply = await bench.CallAsync(Tool, arguments);

        Assert.Equal("invalid_input", reply.Kind);
        var fault = Assert.Single(reply.Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains(limit, fault.Limit, StringComparison.Ordinal);
        Assert.NotEqual(string.Empty, fault.Remedy);
        Assert.Equal(field, reply.Error.GetProperty("field").GetString());
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(""","onUsageLimit":null""", null)]
    [InlineData(""","onUsageLimit":"park" """, UsageLimitChoice.Park)]
    [InlineData(""","onUsageLimit":"fail" """, UsageLimitChoice.Fail)]
    public async Task What_becomes_of_a_job_at_a_usage_limit_is_the_callers_to_say_and_else_the_operators(string argument, UsageLimitChoice? expected)
    {
        (await bench.CallAsync(Tool, $$"""{"prompt":"x"{{argument}}}""")).Succeeds();
        Assert.Equal(expected, Assert.Single(bench.Jobs.Submitted).OnUsageLimit);
    }

    [Fact]
    public async Task All_faults_are_told_at_once_in_the_record_and_in_words()
    {
        var reply = await bench.CallAsync(Tool, """{"maxTurns":0,"permissionMode":"yolo","allowedTools":["--x"],"modle":"m","workingDir":"/etc/../x"}""");

        Assert.Equal(
            ["allowedTools[0]", "maxTurns", "modle", "permissionMode", "prompt", "workingDir"],
            reply.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
        Assert.Equal("6 arguments of claude_request_async are wrong.", reply.Error.GetProperty("message").GetString());
        Assert.All(reply.Faults, f => Assert.Contains($"- {f.Field}: {f.Value}", reply.Text, StringComparison.Ordinal));
        Assert.Contains(reply.Faults, f => f is { Field: "permissionMode", Value: "yolo" });
        Assert.Contains(reply.Faults, f => f.Field == "modle" && f.Remedy == "did you mean model?");
    }

    [Fact]
    public async Task A_call_of_very_many_faults_gets_a_short_answer()
    {
        var arguments = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"argument{i}\":\"{new string('v', 200)}\""));

        var reply = await bench.CallAsync(Tool, "{" + arguments + "}");

        Assert.Equal("invalid_input", reply.Kind);
        Assert.InRange(reply.Record.GetRawText().Length, 1, 20_000);
        Assert.StartsWith("5001 arguments", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prompt", 1_000_001)]
    [InlineData("systemPrompt", 100_001)]
    public async Task A_long_confidential_text_is_shown_by_its_length_alone(string name, int length)
    {
        var prompt = name == "prompt" ? string.Empty : "\"prompt\":\"x\",";

        var reply = await bench.CallAsync(Tool, $$"""{{{prompt}}"{{name}}":"{{new string('s', length)}}"}""");

        Assert.Equal($"{length} characters", Assert.Single(reply.Faults).Value);
        Assert.DoesNotContain("sss", reply.Record.GetRawText() + reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_prompt_is_not_repeated()
    {
        var reply = await bench.CallAsync(Tool, """{"promt":"my secret"}""");

        Assert.DoesNotContain("secret", reply.Record.GetRawText() + reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_is_shown_cut_and_without_characters_that_write_elsewhere()
    {
        var reply = await bench.CallAsync(Tool, """{"prompt":"x","model":"\u001b]52;c;x\u0007😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"}""");

        var value = Assert.Single(reply.Faults).Value;
        Assert.StartsWith("\\u001b]52;c;x\\u0007", value, StringComparison.Ordinal);
        Assert.InRange(value.Length, 70, 80);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)));
    }

    [Fact]
    public async Task The_longest_prompt_of_three_byte_characters_arrives_whole()
    {
        var prompt = new string('\u20ac', 1_000_000);

        (await bench.CallAsync(Tool, $$"""{"prompt":"{{prompt}}"}""")).Succeeds();

        Assert.Equal(prompt, bench.Jobs.LastSubmitted.Prompt);
    }

    [Fact]
    public async Task An_argument_of_a_program_may_not_be_longer_than_the_kernel_takes()
    {
        var reply = await bench.CallAsync(Tool, $$"""{"prompt":"x","systemPrompt":"{{new string('\u20ac', 50_000)}}"}""");

        Assert.Contains("131071 bytes", Assert.Single(reply.Faults).Limit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_is_measured_and_passed_on_without_escapes_that_lengthen_it()
    {
        var words = new string('\u20ac', 21_000);

        (await bench.CallAsync(Tool, $$$"""{"prompt":"x","jsonSchema":{ "type":"object", "description":"{{{words}}}", "pattern":"[^\\u0000]" }}""")).Succeeds();
        Assert.Equal($$$"""{"type":"object","description":"{{{words}}}","pattern":"[^\\u0000]"}""", Bench.ClaudeOf(bench.Jobs.LastSubmitted).JsonSchema);

        var reply = await bench.CallAsync(Tool, $$$"""{"prompt":"x","jsonSchema":{"type":"object","description":"{{{words}}}{{{words}}}"}}""");
        Assert.Equal("at most 65536 bytes", Assert.Single(reply.Faults).Limit);
    }

    [Fact]
    public async Task The_request_holds_what_was_asked()
    {
        (await bench.CallAsync(Tool, """{"prompt":"p","permissionMode":"default","maxTurns":3,"maxBudgetUsd":0.50,"labels":["b","a"],"idempotencyKey":"k","timeoutMs":1000}""")).Succeeds();

        var request = bench.Jobs.LastSubmitted;
        Assert.Equal(("p", "claude", Tool, "k"), (request.Prompt, request.Cli, request.Tool, request.IdempotencyKey));
        Assert.Equal((null, 3, 0.5m), (Bench.ClaudeOf(request).PermissionMode, Bench.ClaudeOf(request).MaxTurns, request.Agent.MaxBudgetUsd));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), 3), (request.Timeout, request.IdleTimeout, request.MaxAttempts));
        Assert.Equal("""{"labels":["b","a"],"maxBudgetUsd":0.5,"maxTurns":3,"permissionMode":"default","timeoutMs":1000}""", request.ArgumentsJson);
        Assert.True(Guid.TryParse(request.CorrelationId, out _));
    }

    [Fact]
    public async Task Equal_arguments_in_another_spelling_are_stored_alike()
    {
        await bench.CallAsync(Tool, """{"prompt":"p","maxTurns":3,"model":"opus","jsonSchema":{"type":"object","a":1.50}}""");
        await bench.CallAsync(Tool, """{"model":"\u006fpus","jsonSchema":{"a":1.5,"type":"object"},"effort":null,"maxTurns":3.0,"prompt":"p"}""");

        Assert.Single(bench.Jobs.Submitted.Select(r => r.ArgumentsJson).Distinct());
    }

    [Theory]
    [InlineData("\"effort\":null", false)]
    [InlineData(""" "permissionMode":"plan" """, false)]
    [InlineData(""" "permissionMode":"manual","allowedTools":["Read","Glob","Grep","WebFetch","WebSearch","Read(//x/**)"] """, false)]
    [InlineData(""" "permissionMode":"acceptEdits" """, true)]
    [InlineData(""" "permissionMode":"auto" """, true)]
    [InlineData(""" "allowedTools":["Read","Bash(ls)"] """, true)]
    [InlineData(""" "allowedTools":["mcp__a__b"] """, true)]
    public async Task A_run_is_a_writing_one_by_its_mode_or_its_tools(string arguments, bool writes)
    {
        await bench.CallAsync(Tool, """{"prompt":"x",""" + arguments + "}");

        Assert.Equal(writes, bench.Jobs.LastSubmitted.Writes);
    }

    [Theory]
    [InlineData("""{"prompt":"x","dangerouslySkipPermissions":true}""", "bypassPermissions", 0)]
    [InlineData("""{"prompt":"x","dangerouslySkipPermissions":true,"permissionMode":"bypassPermissions"}""", "bypassPermissions", 0)]
    [InlineData("""{"prompt":"x","dangerouslySkipPermissions":true,"permissionMode":"plan"}""", "plan", 1)]
    [InlineData("""{"prompt":"x","dangerouslySkipPermissions":true,"permissionMode":"default"}""", null, 1)]
    [InlineData("""{"prompt":"x","dangerouslySkipPermissions":false}""", null, 0)]
    public async Task The_old_spelling_of_a_bypass_counts_where_no_mode_is_named(string arguments, string? mode, int warnings)
    {
        var reply = (await bench.CallAsync(Tool, arguments, Bench.MyIdentity(Scopes.BypassPermissions))).Succeeds();

        Assert.Equal(mode, Bench.ClaudeOf(bench.Jobs.LastSubmitted).PermissionMode);
        Assert.Equal(warnings, reply.Record.TryGetProperty("warnings", out var told) ? told.GetArrayLength() : 0);
    }

    [Fact]
    public async Task The_old_spelling_of_a_bypass_needs_the_scope_of_a_bypass()
    {
        var refused = await bench.CallAsync(Tool, """{"prompt":"x","dangerouslySkipPermissions":true}""");

        Assert.Equal("forbidden", refused.Kind);
        Assert.Equal("dangerouslySkipPermissions", refused.Error.GetProperty("field").GetString());
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task A_permission_bypass_needs_its_scope()
    {
        const string Arguments = """{"prompt":"x","permissionMode":"bypassPermissions"}""";

        var refused = await bench.CallAsync(Tool, Arguments);
        Assert.Equal("forbidden", refused.Kind);
        Assert.Contains("bypass:permissions", refused.Text, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);

        (await bench.CallAsync(Tool, Arguments, Bench.MyIdentity(Scopes.BypassPermissions))).Succeeds();
        Assert.True(bench.Jobs.LastSubmitted.Writes);
    }

    [Fact]
    public async Task High_priority_needs_its_scope_and_low_priority_none()
    {
        const string Arguments = """{"prompt":"x","priority":"high"}""";

        var refused = await bench.CallAsync(Tool, Arguments);
        Assert.Equal("forbidden", refused.Kind);
        Assert.Contains("jobs:admin", refused.Text, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);

        (await bench.CallAsync(Tool, Arguments, Bench.MyIdentity(Scopes.JobsAdmin))).Succeeds();
        Assert.Equal(1, bench.Jobs.LastSubmitted.Priority);
        (await bench.CallAsync(Tool, """{"prompt":"x","priority":"low"}""")).Succeeds();
        Assert.Equal(-1, bench.Jobs.LastSubmitted.Priority);
    }

    [Fact]
    public async Task A_start_may_be_thirty_days_ahead_and_no_farther()
    {
        var start = TimeProvider.System.GetUtcNow().AddDays(29);
        (await bench.CallAsync(Tool, $$"""{"prompt":"x","startAfter":"{{start:yyyy-MM-dd'T'HH:mm:ss}}Z"}""")).Succeeds();
        Assert.Equal(start.ToUnixTimeSeconds(), bench.Jobs.LastSubmitted.StartAfter!.Value.ToUnixTimeSeconds());

        var refused = await bench.CallAsync(Tool, $$"""{"prompt":"x","startAfter":"{{start.AddDays(2):yyyy-MM-dd'T'HH:mm:ss}}Z"}""");
        Assert.Equal("startAfter", refused.Error.GetProperty("field").GetString());
        Assert.Contains("30 days", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_tool_in_an_allowance_and_an_argument_without_effect_are_warnings()
    {
        var reply = (await bench.CallAsync(Tool, """{"prompt":"x","allowedTools":["Read","Edti"],"optimizePrompt":true}""")).Succeeds();

        var warnings = reply.Record.GetProperty("warnings").EnumerateArray().Select(w => (w.GetProperty("code").GetString(), w.GetProperty("field").GetString())).ToArray();
        Assert.Equal([("argument_ignored", "optimizePrompt"), ("unknown_tool", "allowedTools[1]")], warnings);
        Assert.DoesNotContain("optimizePrompt", bench.Jobs.LastSubmitted.ArgumentsJson, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("/", true)]
    [InlineData("/sub/dir", true)]
    [InlineData("//sub/./dir/", true)]
    [InlineData("x", false)]
    [InlineData("/..", false)]
    [InlineData("/a/../../b", false)]
    [InlineData("/.ssh", false)]
    [InlineData("/a/.AWS/b", false)]
    [InlineData("/a\\n", true)]
    [InlineData("/a\n", false)]
    [InlineData("\\..\\..\\etc", false)]
    [InlineData("/%2e%2e/%2e%2e", true)]
    public async Task A_working_directory_lies_in_a_root_and_holds_no_credentials(string below, bool allowed)
    {
        var reply = await bench.CallAsync(Tool, $$"""{"prompt":"x","workingDir":{{JsonSerializer.Serialize(Root + below)}}}""");

        Assert.Equal(allowed, reply.Result.IsError != true);
        if (allowed)
        {
            Assert.StartsWith(Root, bench.Jobs.LastSubmitted.WorkingDirectory, StringComparison.Ordinal);
            Assert.DoesNotContain("//", bench.Jobs.LastSubmitted.WorkingDirectory!, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("/etc")]
    [InlineData("~")]
    [InlineData("~/projects")]
    [InlineData("//etc")]
    [InlineData("C:\\Windows")]
    [InlineData("\\\\server\\share")]
    [InlineData("%2Fetc")]
    [InlineData("/%2e%2e/etc")]
    [InlineData("file:///etc")]
    [InlineData("/proc/self/root/etc")]
    [InlineData("/dev/fd/3")]
    [InlineData("ROOT-sibling")]
    [InlineData("/proc/self/rootROOT")]
    public async Task A_path_that_means_another_place_is_refused(string path)
    {
        foreach (var asked in (string[])[path.Replace("ROOT", Root, StringComparison.Ordinal), "/" + new string('x', 1024)])
        {
            var reply = await bench.CallAsync(Tool, $$"""{"prompt":"x","workingDir":{{JsonSerializer.Serialize(asked)}}}""");

            Assert.Equal("workingDir", Assert.Single(reply.Faults).Field);
            Assert.Empty(bench.Jobs.Submitted);
        }
    }

    [Fact]
    public async Task The_refusal_of_a_directory_says_how_to_add_a_root_and_names_none()
    {
        var reply = await bench.CallAsync(Tool, """{"prompt":"x","workingDir":"/etc"}""");

        Assert.Contains("Workspaces:Roots", reply.Text, StringComparison.Ordinal);
        Assert.Contains("build/run --root DIR", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Root, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_with_other_arguments_is_a_conflict_that_names_the_job()
    {
        var id = Guid.NewGuid();
        bench.Jobs.NextOutcome = new SubmitOutcome.KeyConflict(id);

        var reply = await bench.CallAsync(Tool, """{"prompt":"x","idempotencyKey":"k"}""");

        Assert.Equal("conflict", reply.Kind);
        Assert.Contains(Gateway.Jobs.JobIdText.Format(id), reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_is_retryable_and_names_its_ceiling()
    {
        bench.Jobs.NextOutcome = new SubmitOutcome.QueueFull(7);

        var reply = await bench.CallAsync(Tool, """{"prompt":"x"}""");

        Assert.Equal("queue_full", reply.Kind);
        Assert.True(reply.Error.GetProperty("retryable").GetBoolean());
        Assert.Equal(7, reply.Error.GetProperty("limit").GetInt32());
        Assert.InRange(reply.Error.GetProperty("retryAfterSeconds").GetInt32(), 1, 60);
    }

    [Fact]
    public async Task The_newer_arguments_reach_the_run_as_they_were_meant()
    {
        (await bench.CallAsync(Tool, """{"prompt":"x","tools":["",""],"agents":{"a":{"prompt":"p \u20ac","description":"d"}},"agent":"a","name":"n","outputFormat":"json","noSessionPersistence":true,"safeMode":true}""")).Succeeds();

        var claude = Bench.ClaudeOf(bench.Jobs.LastSubmitted);
        Assert.Empty(Assert.IsType<IReadOnlyList<string>>(claude.Tools, exactMatch: false));
        Assert.Equal("""{"a":{"prompt":"p €","description":"d"}}""", claude.AgentsJson);
        Assert.Equal(("a", "n", true, true, true, false), (claude.Agent, claude.Name, claude.AnswersWithRecord, claude.NoSessionPersistence, claude.SafeMode, claude.ExcludeDynamicSystemPromptSections));
    }

    [Fact]
    public async Task A_prompt_in_parts_is_joined_in_their_order_and_kept_for_a_repeat()
    {
        (await bench.CallAsync(Tool, """{"promptParts":{"task":"do","system":"be","context":"here","tools":""}}""")).Succeeds();

        Assert.Equal("be\n\nhere\n\ndo", bench.Jobs.LastSubmitted.Prompt);
        Assert.Equal("""{"promptParts":{"context":"here","system":"be","task":"do","tools":""}}""", bench.Jobs.LastSubmitted.ArgumentsJson);
    }

    [Fact]
    public async Task The_parts_of_a_prompt_are_measured_together()
    {
        var half = new string('h', 500_000);

        var reply = await bench.CallAsync(Tool, $$$"""{"promptParts":{"task":"{{{half}}}","system":"{{{half}}}"}}""");

        var fault = Assert.Single(reply.Faults);
        Assert.Equal(("promptParts", "1000002 characters"), (fault.Field, fault.Value));
        Assert.DoesNotContain("hhh", reply.Record.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools", "Read", 0)]
    [InlineData("tools", "Raed", 1)]
    public async Task A_tool_that_the_cli_does_not_have_is_a_warning(string list, string tool, int warnings)
    {
        var reply = (await bench.CallAsync(Tool, $$"""{"prompt":"x","{{list}}":["{{tool}}"]}""")).Succeeds();

        Assert.Equal(warnings, reply.Record.TryGetProperty("warnings", out var told) ? told.GetArrayLength() : 0);
    }
}
