using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Processes.Runner;
using Gateway.Tests.Execution.Doubles;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Execution.McpServers;

/// <summary>How a CLI is told of the MCP servers of its run, and of no others.</summary>
public sealed class McpServerRunSpecs : IDisposable
{
    private const string Secret = "hush-7f3a-0123456789";

    private readonly TestFolder folder = new();
    private readonly FakeControlPlane plane = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Claude_Code_is_given_a_private_file_beside_the_flag_that_leaves_all_others_out()
    {
        var (start, seen) = await StartAsync(AgentClis.Claude, ["notes", "docs"], start => After(start, "--mcp-config"));

        Assert.Contains("--strict-mcp-config", start.Arguments);
        Assert.Equal(start.Environment["TMPDIR"], Path.GetDirectoryName(After(start, "--mcp-config")));
        AssertJson(
            """{"mcpServers":{"notes":{"type":"stdio","command":"/usr/bin/env","args":["node","/srv/a b\".mjs"],"env":{"LEVEL":"info","TOKEN":"SECRET"}},"docs":{"type":"http","url":"https://docs.example.com/mcp","headers":{"Authorization":"SECRET"}}}}""",
            seen);
    }

    [Fact]
    public async Task Codex_is_given_a_configuration_in_its_own_home_and_tells_of_failures()
    {
        var (start, seen) = await StartAsync(AgentClis.Codex, ["notes", "docs"], start => Path.Combine(start.Environment["CODEX_HOME"], "config.toml"), """{"ignoreUserConfig":true}""");

        Assert.Equal(
            $$"""
            [mcp_servers."notes"]
            default_tools_approval_mode = "approve"
            command = "/usr/bin/env"
            args = ["node", "/srv/a b\".mjs"]
            [mcp_servers."notes".env]
            "LEVEL" = "info"
            "TOKEN" = "{{Secret}}"
            [mcp_servers."docs"]
            default_tools_approval_mode = "approve"
            url = "https://docs.example.com/mcp"
            [mcp_servers."docs".http_headers]
            "Authorization" = "{{Secret}}"

            """,
            seen);
        Assert.Equal("error,codex_mcp=warn", start.Environment["RUST_LOG"]);
        Assert.DoesNotContain("--ignore-user-config", start.Arguments);
    }

    [Fact]
    public async Task Gemini_CLI_is_given_settings_and_the_names_that_it_may_start()
    {
        var (start, seen) = await StartAsync(AgentClis.Gemini, ["notes", "docs"], start => Path.Combine(start.Environment["HOME"], ".gemini", "settings.json"));

        Assert.Equal(["notes", "docs"], start.Arguments.Index().Where(word => word.Index > 0 && start.Arguments[word.Index - 1] == "--allowed-mcp-server-names").Select(word => word.Item));
        using var settings = JsonDocument.Parse(seen);
        AssertJson(
            """{"notes":{"command":"/usr/bin/env","args":["node","/srv/a b\".mjs"],"env":{"LEVEL":"info","TOKEN":"SECRET"}},"docs":{"httpUrl":"https://docs.example.com/mcp","headers":{"Authorization":"SECRET"}}}""",
            settings.RootElement.GetProperty("mcpServers").GetRawText());
    }

    [Theory]
    [InlineData(AgentClis.Claude)]
    [InlineData(AgentClis.Codex)]
    [InlineData(AgentClis.Gemini)]
    public async Task Without_servers_nothing_is_said_of_them(string cli)
    {
        var (start, _) = await StartAsync(cli, null, _ => null);

        Assert.DoesNotContain(start.Arguments, word => word is "--mcp-config" or "--allowed-mcp-server-names");
        Assert.False(start.Environment.ContainsKey("RUST_LOG"));
        Assert.DoesNotContain(start.Sandbox.ReadOnlyPaths, path => path == folder.Path);
    }

    [Theory]
    [InlineData("nobody", "'nobody' is not known to this worker")]
    [InlineData("Notes", "'Notes' is not known to this worker")]
    [InlineData("theirs", "'theirs' is not known to this worker, or not open")]
    [InlineData("forGemini", "'forGemini' is not known to this worker, or not open")]
    [InlineData("gone", "'gone' has no program on this worker")]
    [InlineData("open", "McpServers:open:EnvironmentFiles:TOKEN has a file that others may use")]
    [InlineData("missing", "McpServers:missing:EnvironmentFiles:TOKEN has no file")]
    [InlineData("dollar", "McpServers:dollar:EnvironmentFiles:TOKEN holds $")]
    public async Task A_server_that_the_worker_does_not_have_as_it_is_asked_for_ends_the_run_and_is_named(string name, string words)
    {
        await using var host = await HostAsync();
        Grant(AgentClis.Claude, ["notes", name], "{}");

        var failed = Assert.IsType<RunFailed>(await plane.OutcomeAsync(await host.SubmitAsync()));

        Assert.Equal((FailureKinds.Rejected, false), (failed.Failure.Kind, failed.Failure.Retryable));
        Assert.Contains(words, failed.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(host.Runner.Runs);
    }

    [Theory]
    [InlineData(AgentClis.Codex)]
    [InlineData(AgentClis.Gemini)]
    public async Task Settings_of_the_users_own_are_not_changed(string cli)
    {
        await using var host = await HostAsync(("Credentials:main:Kind", "login"));
        Grant(cli, ["notes"], "{}");

        var failed = Assert.IsType<RunFailed>(await plane.OutcomeAsync(await host.SubmitAsync(provider: cli)));

        Assert.Equal(FailureKinds.Rejected, failed.Failure.Kind);
        Assert.Contains("user's own login", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_server_was_given_in_confidence_is_blotted_out_of_what_is_stored()
    {
        await using var host = await HostAsync();
        host.Runner.OnStart = run =>
        {
            run.Answer($"The token is {Secret}.");
            run.End();
        };
        Grant(AgentClis.Claude, ["notes"], "{}");
        var key = await host.SubmitAsync();
        await plane.OutcomeAsync(key);

        Assert.Equal($"The token is {new string('*', Secret.Length)}.", System.Text.Encoding.UTF8.GetString(plane.Stored(key, OutputStream.Answer)));
    }

    private async Task<(StartRun Start, string Seen)> StartAsync(string cli, string[]? servers, Func<StartRun, string?> fileOf, string arguments = "{}")
    {
        var started = new TaskCompletionSource<(StartRun, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await HostAsync();
        host.Runner.OnStart = run =>
        {
            // What is wrong here must fail the test: the worker would only try again.
            try
            {
                var file = fileOf(run.Start);
                Assert.True(file is null || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
                started.TrySetResult((run.Start, file is null ? "" : File.ReadAllText(file)));
            }
            catch (Exception problem)
            {
                started.TrySetException(problem);
            }

            run.Answer("x");
            run.End();
        };
        Grant(cli, servers, arguments);
        await plane.OutcomeAsync(await host.SubmitAsync(provider: cli));
        var (start, seen) = await started.Task;
        if (servers is not null)
        {
            // The folder of its program, the one where a link to it leads, and what the operator has named.
            Assert.Superset(new HashSet<string>(["/usr/bin", folder.Path]), new HashSet<string>(start.Sandbox.ReadOnlyPaths));
        }

        Assert.DoesNotContain(start.Arguments, word => word.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(start.Environment.Values, value => value.Contains(Secret, StringComparison.Ordinal));
        return (start, seen);
    }

    private Task<WorkerHost> HostAsync(params (string, string)[] more)
    {
        var secret = FileOf("secret", Secret + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var open = FileOf("open", Secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var dollar = FileOf("dollar", Secret + "$HOME", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return WorkerHost.StartAsync(
            plane,
            [
                ("Codex:Program", "/bin/true"), ("Gemini:Program", "/bin/true"),
                ("McpServers:notes:Command", "/usr/bin/env"), ("McpServers:notes:Args:0", "node"), ("McpServers:notes:Args:1", "/srv/a b\".mjs"), ("McpServers:notes:Paths:0", folder.Path),
                ("McpServers:notes:Environment:LEVEL", "info"), ("McpServers:notes:EnvironmentFiles:TOKEN", secret),
                ("McpServers:docs:Url", "https://docs.example.com/mcp"), ("McpServers:docs:HeaderFiles:Authorization", secret),
                ("McpServers:theirs:Command", "/usr/bin/env"), ("McpServers:theirs:Tenants:0", "other"),
                ("McpServers:forGemini:Command", "/usr/bin/env"), ("McpServers:forGemini:Providers:0", "gemini"),
                ("McpServers:gone:Command", "/usr/bin/no-such-program"),
                ("McpServers:open:Command", "/usr/bin/env"), ("McpServers:open:EnvironmentFiles:TOKEN", open),
                ("McpServers:missing:Command", "/usr/bin/env"), ("McpServers:missing:EnvironmentFiles:TOKEN", "/no/such/file"),
                ("McpServers:dollar:Command", "/usr/bin/env"), ("McpServers:dollar:EnvironmentFiles:TOKEN", dollar),
                .. more,
            ]);
    }

    private void Grant(string cli, string[]? servers, string arguments) => plane.Grant = _ => new RunGrant
    {
        Prompt = "x",
        Claude = cli == AgentClis.Claude ? new ClaudeArguments() : null,
        ArgumentsJson = cli == AgentClis.Claude ? null : cli == AgentClis.Codex ? arguments : "{}",
        SessionId = Guid.NewGuid(),
        McpServers = servers,
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };

    private string FileOf(string name, string text, UnixFileMode mode)
    {
        var file = folder.File(name);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, text);
            File.SetUnixFileMode(file, mode);
        }

        return file;
    }

    private static string After(StartRun start, string flag) => start.Arguments[start.Arguments.ToList().IndexOf(flag) + 1];

    private static void AssertJson(string expected, string actual) => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected.Replace("SECRET", Secret, StringComparison.Ordinal)), JsonElement.Parse(actual)), actual);
}
