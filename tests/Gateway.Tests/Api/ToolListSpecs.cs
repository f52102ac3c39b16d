using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Api.Mcp;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class ToolListSpecs : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("approval_decide", false, true, true, true, "approvals:decide")]
    [InlineData("approval_list", true, false, true, false, "jobs:read")]
    [InlineData("claude_request", false, true, false, true, "jobs:run")]
    [InlineData("claude_request_async", false, true, false, true, "jobs:run")]
    [InlineData("cli_versions", true, false, true, false, "jobs:read")]
    [InlineData("list_models", true, false, true, false, "jobs:read")]
    [InlineData("codex_request", false, true, false, true, "jobs:run")]
    [InlineData("codex_request_async", false, true, false, true, "jobs:run")]
    [InlineData("gemini_request", false, true, false, true, "jobs:run")]
    [InlineData("gemini_request_async", false, true, false, true, "jobs:run")]
    [InlineData("llm_job_cancel", false, true, true, false, "jobs:cancel")]
    [InlineData("llm_job_list", true, false, true, false, "jobs:read")]
    [InlineData("llm_job_result", true, false, true, false, "jobs:read")]
    [InlineData("llm_job_retry", false, true, false, true, "jobs:run")]
    [InlineData("llm_job_status", true, false, true, false, "jobs:read")]
    [InlineData("llm_request_result", true, false, true, false, "jobs:read")]
    [InlineData("llm_process_health", true, false, true, false, "jobs:read")]
    [InlineData("session_clear_all", false, true, true, false, "sessions:manage")]
    [InlineData("session_create", false, false, false, false, "sessions:manage")]
    [InlineData("session_delete", false, true, true, false, "sessions:manage")]
    [InlineData("session_get", true, false, true, false, "jobs:read")]
    [InlineData("session_list", true, false, true, false, "jobs:read")]
    [InlineData("session_set_active", false, false, true, false, "sessions:manage")]
    [InlineData("workspace_get", true, false, true, false, "jobs:read")]
    [InlineData("workspace_list", true, false, true, false, "jobs:read")]
    public void Every_tool_has_its_four_hints_and_its_scope(string name, bool readOnly, bool destructive, bool idempotent, bool openWorld, string scope)
    {
        var hints = bench.Tool(name).ProtocolTool.Annotations!;

        Assert.Equal((readOnly, destructive, idempotent, openWorld), (hints.ReadOnlyHint, hints.DestructiveHint, hints.IdempotentHint, hints.OpenWorldHint));
        Assert.Equal(scope, bench.Tool(name).Card.Scope);
    }

    [Fact]
    public void There_are_these_tools_and_no_others() => Assert.Equal(25, bench.Tools.Count);

    [Fact]
    public void The_list_is_small()
    {
        var list = JsonSerializer.SerializeToUtf8Bytes(new ListToolsResult { Tools = [.. bench.Tools.Select(t => t.ProtocolTool)] }, McpJsonUtilities.DefaultOptions);

        // 40 KB is for all tools of the first stage.
        Assert.InRange(list.Length, 1, 40 * 1024);
    }

    [Fact]
    public void Input_schemas_are_flat_and_closed() => Assert.All(bench.Tools, tool =>
    {
        var schema = tool.ProtocolTool.InputSchema;
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        Assert.Empty(schema.EnumerateObject().Select(m => m.Name).Except(["type", "properties", "additionalProperties", "required"]));
        Assert.All(schema.GetProperty("properties").EnumerateObject(), argument =>
        {
            Assert.True(argument.Value.TryGetProperty("anyOf", out _) == argument.Name is "jsonSchema" or "outputSchema" or "worktree");
            Assert.True(!argument.Value.TryGetProperty("type", out var type) || type.ValueKind == JsonValueKind.String);
            Assert.True(!argument.Value.TryGetProperty("description", out var words) || words.GetString()!.Length <= 70, argument.Name);
        });
    });

    [Fact]
    public void Output_schemas_require_success_alone_and_are_open() => Assert.All(bench.Tools, tool =>
    {
        var schema = tool.ProtocolTool.OutputSchema!.Value;
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal("success", Assert.Single(schema.GetProperty("required").EnumerateArray()).GetString());
        Assert.False(schema.TryGetProperty("additionalProperties", out _));
        Assert.Equal("object", schema.GetProperty("properties").GetProperty("error").GetProperty("type").GetString());
    });

    [Fact]
    public void Names_fit_every_client() => Assert.All(bench.Tools, tool => Assert.Matches("^[a-z0-9_]{1,30}$", tool.ProtocolTool.Name));

    [Fact]
    public void The_tool_that_returns_output_says_that_it_may_be_long() =>
        Assert.Equal(500_000, bench.Tool("llm_job_result").ProtocolTool.Meta!["anthropic/maxResultSizeChars"]!.GetValue<int>());

    [Fact]
    public void What_models_read_first_is_what_was_reviewed() =>
        Assert.Equal("d1b33db874f1a841", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(GatewayInstructions.Text.ReplaceLineEndings("\n"))))[..16]);

    /// <summary>
    /// Descriptions are read by models as orders. A change of one is a change of behaviour: look at it, then pin it here.
    /// </summary>
    [Fact]
    public void Descriptions_are_what_was_reviewed()
    {
        var text = string.Join('\n', bench.Tools.Select(t => t.ProtocolTool).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => $"{t.Name}|{t.Title}|{t.Description}|{t.InputSchema.GetRawText()}"));

        Assert.Equal("470453cc394eeaf6", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]);
    }
}
