using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class EdgeSpecs : IAsyncLifetime
{
    private const string Health = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_process_health","arguments":{}}}""";
    private EdgeHost host = null!;

    public async ValueTask InitializeAsync() => host = await EdgeHost.StartAsync(
        ("Edge:AllowedOrigins:0", "https://tools.example.com"), ("Edge:AllowedHosts:0", "gateway.example.com"), ("Edge:MaxRequestBodyBytes", "65536"));

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task A_call_without_a_key_is_401_and_says_how_to_send_one()
    {
        var (status, body, response) = await host.SendAsync(host.Post(Health, withKey: false));

        Assert.Equal(401, status);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Contains("X-API-Key", body, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongKeys => new()
    {
        { "Authorization", "Bearer gwk_wrong" },
        { "Authorization", "Bearer " },
        { "Authorization", "Basic KEY" },
        { "Authorization", "KEY" },
        { "X-API-Key", "gwk_wrong" },
        { "X-API-Key", "KEYx" },
        { "X-API-Key", "" },
    };

    [Theory]
    [MemberData(nameof(WrongKeys))]
    public async Task A_wrong_key_is_401(string header, string value)
    {
        var request = host.Post(Health, withKey: false);
        request.Headers.TryAddWithoutValidation(header, value.Replace("KEY", host.Key, StringComparison.Ordinal));

        var (status, _, response) = await host.SendAsync(request);

        Assert.Equal(401, status);
        Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization", "Bearer KEY")]
    [InlineData("Authorization", "bearer KEY")]
    [InlineData("X-API-Key", "KEY")]
    public async Task The_right_key_is_served_in_either_header(string header, string value)
    {
        var request = host.Post(Health, withKey: false);
        request.Headers.TryAddWithoutValidation(header, value.Replace("KEY", host.Key, StringComparison.Ordinal));

        Assert.Equal(200, (await host.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("Authorization", "Bearer KEY")]
    [InlineData("X-API-Key", "KEY")]
    public async Task A_key_of_the_store_is_served_until_it_is_revoked_and_refused_by_scope(string header, string value)
    {
        var desk = host.Services.GetRequiredService<KeyDesk>();
        var (key, text) = await desk.CreateAsync("local", "default", [Scopes.JobsRead], null, "operator:1", TestContext.Current.CancellationToken);
        HttpRequestMessage With(string body)
        {
            var request = host.Post(body, withKey: false);
            request.Headers.TryAddWithoutValidation(header, value.Replace("KEY", text, StringComparison.Ordinal));
            return request;
        }

        Assert.Equal(200, (await host.SendAsync(With(Health))).Status);
        var (status, _, response) = await host.SendAsync(With(Health.Replace("llm_process_health", "llm_job_cancel", StringComparison.Ordinal)));
        Assert.Equal(403, status);
        Assert.Contains("scope=\"jobs:cancel\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await desk.RevokeAsync(key.KeyId, "operator:1", TestContext.Current.CancellationToken);
        Assert.Equal(401, (await host.SendAsync(With(Health))).Status);
    }

    [Fact]
    public async Task While_nobody_can_say_whether_a_key_is_one_the_answer_is_503()
    {
        host.Keys.IsAway = true;
        var request = host.Post(Health, withKey: false);
        request.Headers.Add("X-API-Key", KeyText.New());

        var (status, body, response) = await host.SendAsync(request);

        Assert.Equal(503, status);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Contains("store", body, StringComparison.Ordinal);
        Assert.Equal(200, (await host.SendAsync(host.Post(Health))).Status);
    }

    [Fact]
    public async Task Two_keys_are_no_key()
    {
        var request = host.Post(Health);
        request.Headers.Add("X-API-Key", "gwk_other");

        Assert.Equal(401, (await host.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("localhost:7420", 200)]
    [InlineData("[::1]:7420", 200)]
    [InlineData("gateway.example.com", 200)]
    [InlineData("evil.example.com", 400)]
    [InlineData("localhost.example.com", 400)]
    [InlineData("127.0.0.1.nip.io", 400)]
    public async Task Only_known_hosts_are_served(string name, int expected)
    {
        var request = host.Post(Health);
        request.Headers.Host = name;

        Assert.Equal(expected, (await host.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("http://localhost:7420", 200)]
    [InlineData("http://127.0.0.1", 200)]
    [InlineData("http://[::1]:1", 200)]
    [InlineData("https://tools.example.com", 200)]
    [InlineData("https://evil.example.com", 403)]
    [InlineData("https://tools.example.com.evil.org", 403)]
    [InlineData("http://localhost.evil.org", 403)]
    [InlineData("http://user@localhost", 403)]
    [InlineData("null", 403)]
    [InlineData("", 403)]
    public async Task Only_known_origins_are_served(string origin, int expected)
    {
        var request = host.Post(Health);
        request.Headers.TryAddWithoutValidation("Origin", origin);

        Assert.Equal(expected, (await host.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_413_whether_its_length_is_announced_or_not(bool announced)
    {
        var request = host.Post(Health.Replace("{}", $$"""{"x":"{{new string('x', 70_000)}}"}""", StringComparison.Ordinal));
        request.Headers.TransferEncodingChunked = !announced;

        var (status, body, _) = await host.SendAsync(request);

        Assert.Equal(413, status);
        Assert.Contains("65536 bytes", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_body_without_a_key_is_not_read()
    {
        var request = host.Post(new string('x', 70_000), withKey: false);
        request.Headers.TransferEncodingChunked = true;

        Assert.Equal(401, (await host.SendAsync(request)).Status);
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":{"jobId":"a","jobId":"b"}}}""", "twice" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","name":"llm_job_cancel"}}""", "twice" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":{"jobId":"a","\u006aobId":"b"}}}""", "twice" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":[]}}""", "JSON object" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":"x"}}""", "JSON object" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"\ud800"}}}""", "surrogate" },
        { """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"\udc00":1}}}""", "surrogate" },
        { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":" + new string('[', 1000) + new string(']', 1000) + "}", "deeper" },
        { "{", "JSON" },
        { "", "JSON" },
        { "[]", "" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_could_be_read_in_two_ways_is_400(string body, string word)
    {
        var (status, answer, _) = await host.SendAsync(host.Post(body));

        Assert.Equal(400, status);
        Assert.Contains(word, answer, StringComparison.Ordinal);
    }

    /// <summary>A byte of no character, an overlong one, half of a surrogate pair, beyond Unicode, the beginning of a character, its end.</summary>
    [Theory]
    [InlineData("FF")]
    [InlineData("C080")]
    [InlineData("EDA080")]
    [InlineData("F5808080")]
    [InlineData("E282")]
    [InlineData("82")]
    public async Task Bytes_that_are_not_utf8_are_400_and_never_replaced(string bytes)
    {
        var parts = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"claude_request_async","arguments":{"prompt":"a|b"}}}""".Split('|');
        var request = host.Post(Health);
        request.Content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(parts[0]), .. Convert.FromHexString(bytes), .. Encoding.UTF8.GetBytes(parts[1])]);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Assert.Equal(400, (await host.SendAsync(request)).Status);
        Assert.Empty(host.Jobs.Submitted);
    }

    [Theory]
    [InlineData(null, null, "Mcp-Method")]
    [InlineData("tools/call", null, "Mcp-Name")]
    public async Task A_call_of_the_newest_revision_names_what_it_calls_in_its_headers(string? method, string? name, string missing)
    {
        var request = host.Post(Health);
        request.Headers.Remove("MCP-Protocol-Version");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.TryAddWithoutValidation("Mcp-Method", method is null ? [] : [method]);
        request.Headers.TryAddWithoutValidation("Mcp-Name", name is null ? [] : [name]);

        var (status, body, _) = await host.SendAsync(request);

        Assert.Equal(400, status);
        Assert.Contains(missing, body, StringComparison.Ordinal);
        Assert.Contains("-32020", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_for_everybody_and_says_nothing_more()
    {
        foreach (var (path, checks) in new[] { ("/health/live", ""), ("/health/ready", """{"name":"policies","status":"ok"}""") })
        {
            var (status, body, _) = await host.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(host.Mcp, path)));
            Assert.Equal((200, $$"""{"status":"ok","checks":[{{checks}}]}"""), (status, body));
        }
    }

    [Theory]
    [InlineData("Auth:Scopes", "jobs:read")]
    [InlineData("Auth:Scopes", "jobs:read, sessions:manage")]
    public async Task A_credential_without_the_scope_is_403_that_names_it(string setting, string value)
    {
        await using var narrow = await EdgeHost.StartAsync((setting, value));

        var (status, _, response) = await narrow.SendAsync(narrow.Post(Health.Replace("llm_process_health", "llm_job_cancel", StringComparison.Ordinal)));

        Assert.Equal(403, status);
        Assert.Contains("error=\"insufficient_scope\", scope=\"jobs:cancel\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await narrow.SendAsync(narrow.Post(Health))).Status);
        await using var client = await narrow.ConnectAsync();
        Assert.Equal(25, (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Count);
    }

    [Theory]
    [InlineData("Auth:Scopes", "jobs:run jobs:rnu")]
    [InlineData("Auth:Scopes", "")]
    public async Task A_misspelt_scope_stops_the_start(string setting, string value) =>
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => EdgeHost.StartAsync((setting, value)));

    [Fact]
    public async Task Scopes_in_a_form_that_is_not_read_stop_the_start() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => EdgeHost.StartAsync(("Auth:Scopes:0", "jobs:read")));

    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    [InlineData(null)]
    public async Task The_main_job_goes_through_every_revision(string? revision)
    {
        await using var client = await host.ConnectAsync(revision);
        var token = TestContext.Current.CancellationToken;
        var tools = await client.ListToolsAsync(cancellationToken: token);
        var started = await client.CallToolAsync("claude_request_async", new Dictionary<string, object?> { ["prompt"] = "hello" }, cancellationToken: token);
        var id = started.StructuredContent!.Value.GetProperty("jobId").GetString()!;
        var status = await client.CallToolAsync("llm_job_status", new Dictionary<string, object?> { ["jobId"] = id }, cancellationToken: token);

        Assert.Equal(tools.Select(t => t.Name).Order(StringComparer.Ordinal), tools.Select(t => t.Name));
        Assert.Equal("queued", status.StructuredContent!.Value.GetProperty("job").GetProperty("status").GetString());
        Assert.Equal("2026-11-23T09:00:00.005Z", status.StructuredContent.Value.GetProperty("job").GetProperty("createdAt").GetString());
        Assert.Contains("jobId", client.ServerInstructions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiting_call_reports_at_once_to_a_client_that_listens()
    {
        var id = host.Jobs.Add(Bench.Me, JobStatus.Running);
        await using var client = await host.ConnectAsync();
        var first = new TaskCompletionSource<ProgressNotificationValue>();

        var call = client.CallToolAsync(
            "llm_job_status",
            new Dictionary<string, object?> { ["jobId"] = Gateway.Jobs.JobIdText.Format(id), ["waitMs"] = 45_000 },
            new Progress(first),
            cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var report = await first.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        host.Jobs.Woken.SetResult();
        var answer = await call;

        Assert.Contains(Gateway.Jobs.JobIdText.Format(id), report.Message, StringComparison.Ordinal);
        Assert.False(answer.IsError);
    }

    [Fact]
    public async Task A_waiting_call_gets_its_answer_when_the_gateway_stops()
    {
        var id = Gateway.Jobs.JobIdText.Format(host.Jobs.Add(Bench.Me, JobStatus.Running));
        var call = host.SendAsync(host.Post($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":{"jobId":"{{{{id}}}}","waitMs":45000}}}"""));
        await host.Jobs.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

        Assert.Contains("Not finished: " + id, (await call).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_private_and_in_one_page()
    {
        var (status, body, _) = await host.SendAsync(ListIn2026());

        Assert.Equal(200, status);
        var result = JsonDocument.Parse(body[body.IndexOf("data: ", StringComparison.Ordinal)..][6..].Split('\n')[0]).RootElement.GetProperty("result");
        Assert.Equal("private", result.GetProperty("cacheScope").GetString());
        Assert.Equal(300_000, result.GetProperty("ttlMs").GetInt32());
        Assert.False(result.TryGetProperty("nextCursor", out _));
        Assert.InRange(result.GetRawText().Length, 1, 40 * 1024);
    }

    private HttpRequestMessage ListIn2026()
    {
        var request = host.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""");
        request.Headers.Remove("MCP-Protocol-Version");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/list");
        return request;
    }

    private sealed class Progress(TaskCompletionSource<ProgressNotificationValue> first) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => first.TrySetResult(value);
    }
}
