using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What is refused before any policy is asked, and what each caller sees of the tools.</summary>
public sealed class CallShapeSpecs : IAsyncLifetime
{
    private const string Policy = """{"version":"1","default":"allow","hide":["llm_job_cancel"]}""";

    private readonly TestFolder folder = new();
    private EdgeHost host = null!;

    public static TheoryData<string, int> Unparsable => new()
    {
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"a","prompt":"b"}}}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"a","promptParts":{"task":"a","task":"b"}}}}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_list","name":"claude_request_async","arguments":{"prompt":"a"}}}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":[{"prompt":"a"}]}}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":7}}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["claude_request_async",{"prompt":"a"}]}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"claude_request_async"}""", -32602 },
        { """{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"a"}}}""", -32600 },
        { """[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"a"}}}]""", -32600 },
        { """[]""", -32600 },
        { "7", -32600 },
    };

    public async ValueTask InitializeAsync()
    {
        Write("blind", """{"version":"1","default":"deny","hide":"*"}""");
        Write("reader", """{"version":"1","default":"deny","tools":{"llm_job_list":{},"llm_job_cancel":{"action":"deny"}},"hide":["llm_job_retry","claude_request_async"]}""");
        Write("local", Policy);
        host = await EdgeHost.StartAsync(("Policies:Folder", folder.File("policies")));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Unparsable))]
    public async Task What_cannot_be_read_in_one_way_is_refused_and_reaches_no_tool(string body, int code)
    {
        var (status, answer, _) = await host.SendAsync(host.Post(body));

        Assert.Equal((400, code), (status, JsonElement.Parse(answer).GetProperty("error").GetProperty("code").GetInt32()));
        Assert.Empty(host.Jobs.Submitted);
        Assert.Empty(host.Jobs.Records);
    }

    [Fact]
    public async Task A_tool_that_does_not_exist_is_refused_by_the_protocol()
    {
        var (_, body, _) = await host.SendAsync(host.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_delete","arguments":{}}}"""));

        Assert.Equal(-32602, MessageOf(body).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData("", "claude_request_async", "claude_request_async")]
    [InlineData("\"id\":null,", "claude_request_async", "claude_request_async")]
    [InlineData("", "a secret in the wrong place", "(unknown)")]
    public async Task A_call_without_an_id_starts_nothing_and_is_recorded(string id, string tool, string recorded)
    {
        var (status, body, _) = await host.SendAsync(host.Post($$$$"""{"jsonrpc":"2.0",{{{{id}}}}"method":"tools/call","params":{"name":"{{{{tool}}}}","arguments":{"prompt":"x"}}}"""));

        Assert.Equal((202, ""), (status, body));
        Assert.Empty(host.Jobs.Submitted);
        var record = Assert.Single(host.Jobs.Records);
        Assert.Equal(("tools/call", recorded, "denied", "invalid_input"), (record.Method, record.Tool, record.Decision, record.Kind));
        Assert.Equal("local", record.Grant);
    }

    [Fact]
    public async Task Each_caller_sees_the_tools_that_its_policy_does_not_hide()
    {
        Assert.DoesNotContain("llm_job_cancel", await ToolsAsync("local"));
        Assert.Contains("claude_request_async", await ToolsAsync("local"));
        var reader = await ToolsAsync("reader");
        Assert.Equal([true, true, false, false], new[] { "llm_job_list", "llm_job_cancel", "llm_job_retry", "claude_request_async" }.Select(reader.Contains));
        Assert.Empty(await ToolsAsync("blind"));
        Assert.Empty(await ToolsAsync("nobody"));
    }

    private void Write(string label, string policy)
    {
        Directory.CreateDirectory(folder.File("policies"));
        File.WriteAllText(folder.File($"policies/{label}.json"), policy);
    }

    private async Task<string[]> ToolsAsync(string label)
    {
        var (_, key) = await host.Services.GetRequiredService<KeyDesk>().CreateAsync(label, "default", Scopes.OfEmbeddedKey, null, "operator:1", TestContext.Current.CancellationToken);
        var request = host.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", withKey: false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var (_, body, _) = await host.SendAsync(request);
        return [.. MessageOf(body).GetProperty("result").GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!)];
    }

    // One message, as an event of a stream or by itself.
    private static JsonElement MessageOf(string body) =>
        JsonElement.Parse(body.IndexOf("data: ", StringComparison.Ordinal) is var start and >= 0 ? body[(start + 6)..].Split('\n')[0] : body);
}
