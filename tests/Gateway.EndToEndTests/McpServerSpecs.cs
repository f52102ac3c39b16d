using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>
/// MCP servers that the operator has registered, with the real CLIs on the model stub and the walls that the machine has. The server is a
/// program of its own, which writes down that it was started and what it was asked for.
/// </summary>
public sealed class McpServerSpecs(ModelStubProcess stub) : GatewayHouse, IClassFixture<ModelStubProcess>
{
    private const string NotesToken = "token-of-the-notes";

    private string Notes => Path.Combine(At("ws"), "notes.log");

    [Fact]
    public async Task Claude_Code_calls_a_tool_of_a_registered_server_and_that_of_a_repository_is_not_even_started()
    {
        var gateway = await StartRealAsync();
        var sprung = Path.Combine(At("ws"), "sprung");
        await File.WriteAllTextAsync(
            Path.Combine(At("ws"), ".mcp.json"),
            JsonSerializer.Serialize(new { mcpServers = new { trap = new { command = "/bin/sh", args = new[] { "-c", $"echo sprung >> {sprung}" } } } }),
            Token);

        var job = await gateway.Client.RunAsync(
            """[[stub:tool mcp__notes__note {"text":"from the model"}]]""",
            ("workingDir", At("ws")), ("mcpServers", new[] { "notes" }), ("allowedTools", new[] { "mcp__notes" }));

        Assert.True(job.Status == "completed", job.ToString());
        Assert.Equal("The tool said: noted from the model", await gateway.Client.AnswerAsync(job.Id));
        Assert.Equal([$"started {NotesToken}", "client claude-code", "note from the model"], Wait.LinesOf(Notes));
        Assert.False((await gateway.Client.ResultAsync(job.Id)).TryGetProperty("warnings", out var warnings), warnings.ToString());
        Assert.False(File.Exists(sprung));
        await Wait.UntilAsync(() => !Directory.EnumerateFiles(gateway.Data, "mcp-servers.json", SearchOption.AllDirectories).Any(), "what the CLI was told of the server has gone with the job");
    }

    [Fact]
    public async Task A_run_without_the_name_has_no_server_and_one_whose_server_does_not_come_up_is_warned_of()
    {
        var gateway = await StartRealAsync();

        var jobs = await Task.WhenAll(
            gateway.Client.RunAsync("""[[stub:tool mcp__notes__note {"text":"x"}]]""", ("workingDir", At("ws")), ("allowedTools", new[] { "mcp__notes" })),
            gateway.Client.RunAsync("Say hello", ("mcpServers", new[] { "broken" })));

        Assert.All(jobs, job => Assert.True(job.Status == "completed", job.ToString()));
        Assert.Empty(Wait.LinesOf(Notes));
        var warning = Assert.Single((await gateway.Client.ResultAsync(jobs[1].Id)).GetProperty("warnings").EnumerateArray());
        Assert.Equal("mcp_server_failed", warning.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Codex_calls_a_tool_of_a_registered_server_and_tells_of_one_that_does_not_come_up()
    {
        var gateway = await StartRealAsync();
        gateway.Client.Starter = "codex_request_async";

        var job = await gateway.Client.RunAsync(
            """[[stub:tool mcp__notes__note {"text":"from the model"}]]""", ("workingDir", At("ws")), ("mcpServers", new[] { "notes", "broken" }));

        Assert.True(job.Status == "completed", job.ToString());
        Assert.Equal([$"started {NotesToken}", "client codex-mcp-client", "note from the model"], Wait.LinesOf(Notes));
        var warning = Assert.Single((await gateway.Client.ResultAsync(job.Id)).GetProperty("warnings").EnumerateArray());
        Assert.Equal("mcp_server_failed", warning.GetProperty("code").GetString());
        var plain = await gateway.Client.RunAsync("Say hello", ("workingDir", At("ws")), ("mcpServers", new[] { "notes" }));
        Assert.False((await gateway.Client.ResultAsync(plain.Id)).TryGetProperty("warnings", out var warnings), warnings.ToString());
    }

    [Fact]
    public async Task Gemini_CLI_calls_a_tool_of_a_registered_server_and_tells_of_one_that_does_not_come_up()
    {
        var gateway = await StartRealAsync();
        gateway.Client.Starter = "gemini_request_async";

        var job = await gateway.Client.RunAsync(
            """[[stub:tool mcp_notes_note {"text":"from the model"}]]""", ("workingDir", At("ws")), ("mcpServers", new[] { "notes", "broken" }));

        Assert.True(job.Status == "completed", job.ToString());
        Assert.Equal([$"started {NotesToken}", "client gemini-cli-mcp-client", "note from the model"], Wait.LinesOf(Notes));
        var warning = Assert.Single((await gateway.Client.ResultAsync(job.Id)).GetProperty("warnings").EnumerateArray());
        Assert.Equal("mcp_server_failed", warning.GetProperty("code").GetString());
        var plain = await gateway.Client.RunAsync("Say hello", ("workingDir", At("ws")), ("mcpServers", new[] { "notes" }));
        Assert.False((await gateway.Client.ResultAsync(plain.Id)).TryGetProperty("warnings", out var warnings), warnings.ToString());
    }

    [Theory]
    [InlineData("claude", "mcp__board__note", "claude-code")]
    [InlineData("codex", "mcp__board__note", "codex-mcp-client")]
    [InlineData("gemini", "mcp_board_note", "gemini-cli-mcp-client")]
    public async Task Each_CLI_calls_a_tool_of_a_server_behind_an_address_with_the_header_that_the_operator_gave(string cli, string tool, string client)
    {
        Directory.CreateDirectory(At("ws"));
        using var board = await McpServerProcess.StartAsync(Notes);
        var header = At("header");
        await File.WriteAllTextAsync(header, $"Bearer {NotesToken}", Token);
        File.SetUnixFileMode(header, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var gateway = await StartRealAsync(("McpServers:board:Url", board.Url), ("McpServers:board:HeaderFiles:Authorization", header));
        gateway.Client.Starter = $"{cli}_request_async";
        (string, object)[] allowed = cli == "claude" ? [("allowedTools", new[] { "mcp__board" })] : [];

        var job = await gateway.Client.RunAsync($$"""[[stub:tool {{tool}} {"text":"from the model"}]]""", [("workingDir", At("ws")), ("mcpServers", new[] { "board" }), .. allowed]);

        Assert.True(job.Status == "completed", job.ToString());
        Assert.Equal([$"called Bearer {NotesToken}", $"client {client}", "note from the model"], Wait.LinesOf(Notes));
        Assert.False((await gateway.Client.ResultAsync(job.Id)).TryGetProperty("warnings", out var warnings), warnings.ToString());
        Assert.DoesNotContain(NotesToken, gateway.Log, StringComparison.Ordinal);
    }

    private Task<GatewayProcess> StartRealAsync(params (string Key, string Value)[] more)
    {
        var workspace = Directory.CreateDirectory(At("ws")).FullName;
        var token = At("token");
        File.WriteAllText(token, NotesToken);
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return StartWithAsync(
            BuiltPrograms.Claude,
            [
                ("Claude:BaseUrl", stub.Url),
                ("Codex:Program", BuiltPrograms.Codex), ("Codex:BaseUrl", stub.Url + "/v1"), ("Codex:RequestMaxRetries", "0"), ("Codex:StreamMaxRetries", "0"), ("Credentials:codex:Kind", "api_key"), ("Credentials:codex:File", KeyFile()),
                ("Gemini:Program", BuiltPrograms.Gemini), ("Gemini:BaseUrl", stub.Url), ("Gemini:MaxAttempts", "1"), ("Credentials:gemini:Kind", "api_key"), ("Credentials:gemini:File", KeyFile()),
                ("Workspaces:Roots:0", workspace),
                ("McpServers:notes:Command", "/usr/bin/env"), ("McpServers:notes:Args:0", "node"), ("McpServers:notes:Args:1", McpServerProcess.Script), ("McpServers:notes:Args:2", Notes),
                ("McpServers:notes:Paths:0", Path.GetDirectoryName(McpServerProcess.Script)!), ("McpServers:notes:EnvironmentFiles:NOTES_TOKEN", token),
                ("McpServers:broken:Command", "/usr/bin/false"), ("McpServers:broken:ReadOnly", "true"),
                .. more,
            ]);
    }
}
