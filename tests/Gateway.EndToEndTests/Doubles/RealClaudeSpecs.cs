using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>The pinned CLI against the model stub, started exactly as the product starts it.</summary>
public sealed class RealClaudeSpecs(ModelStubProcess stub) : IClassFixture<ModelStubProcess>
{
    private readonly string _session = Guid.NewGuid().ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_answer_comes_back_and_the_key_arrives_without_its_newline()
    {
        using var home = new CliHome();

        var run = await AskAsync(home, "Grüße, 🙂");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("You said: Grüße, 🙂", run.Result.GetProperty("result").GetString());
        Assert.False(run.Result.GetProperty("is_error").GetBoolean());
        var request = Assert.Single(await stub.RequestsOfAsync(_session));
        Assert.Equal("x-api-key", request.AuthHeader);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CliHome.Key)))[..12], request.KeySha256);
    }

    [Fact]
    public async Task A_tool_finds_the_key_neither_in_an_environment_nor_behind_a_descriptor()
    {
        using var home = new CliHome();

        var run = await AskAsync(
            home, "[[stub:bash env; cat /proc/$CLAUDE_PID/environ; for d in 3 /proc/$CLAUDE_PID/fd/3; do timeout 2 cat $d; done; cat /proc/self/fd/3; echo looked]]", "--allowed-tools", "Bash");

        Assert.Contains("looked", run.Result.GetProperty("result").GetString(), StringComparison.Ordinal);
        Assert.Contains("GATEWAY_RUN=job_test/1", run.Result.GetProperty("result").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(CliHome.Key, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(await stub.RequestsOfAsync(_session), r => r.KeyInBody);
    }

    [Fact]
    public async Task Files_are_written_read_and_edited_in_the_workspace_when_edits_are_accepted()
    {
        using var home = new CliHome();

        var run = await AskAsync(home, "[[stub:edit-run notes.txt]]", "--permission-mode", "acceptEdits");

        Assert.Equal("The tool said: one\nthree", run.Result.GetProperty("result").GetString());
        Assert.Equal("one\nthree\n", await File.ReadAllTextAsync(Path.Combine(home.Workspace, "notes.txt"), Token));
    }

    [Fact]
    public async Task A_write_without_permission_is_denied_and_the_run_still_succeeds()
    {
        using var home = new CliHome();

        var run = await AskAsync(home, "[[stub:write hello.txt]]");

        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Has("system", "permission_denied"));
        Assert.Equal("Write", run.Result.GetProperty("permission_denials")[0].GetProperty("tool_name").GetString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Workspace));
    }

    [Fact]
    public async Task A_refused_key_fails_at_once_and_says_so_only_in_the_result()
    {
        using var home = new CliHome();

        var run = await AskAsync(home, "[[stub:401]]");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("success", run.Result.GetProperty("subtype").GetString());
        Assert.True(run.Result.GetProperty("is_error").GetBoolean());
        Assert.Equal(401, run.Result.GetProperty("api_error_status").GetInt32());
        Assert.Single(await stub.RequestsOfAsync(_session));
    }

    [Fact]
    public async Task A_resumed_conversation_adds_up_its_cost_and_tells_the_part_of_this_run()
    {
        using var home = new CliHome();
        var first = await AskAsync(home, "first");

        var second = await home.RunAsync(BuiltPrograms.Claude, stub.Url, "second", ["--resume", _session], Token);

        Assert.Equal("You said: second", second.Result.GetProperty("result").GetString());
        var part = second.Result.GetProperty("model_usage_since_last_result").EnumerateObject().Sum(m => m.Value.GetProperty("costUSD").GetDouble());
        Assert.Equal(Cost(second) - Cost(first), part, 6);
        Assert.True(part > 0);
    }

    [Fact]
    public async Task A_run_killed_in_the_middle_of_a_tool_is_resumed_by_a_short_prompt()
    {
        using var home = new CliHome();
        var (process, _) = await StartHoldingAsync(home);
        using (process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(Token);
        }

        var resumed = await home.RunAsync(BuiltPrograms.Claude, stub.Url, "Please continue.", ["--resume", _session], Token);

        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal("You said: Please continue.", resumed.Result.GetProperty("result").GetString());
        Assert.Equal(_session, resumed.Result.GetProperty("session_id").GetString());
    }

    [Fact]
    public async Task A_stop_signal_during_a_tool_ends_it_with_143_and_without_a_result()
    {
        using var home = new CliHome();
        var (process, output) = await StartHoldingAsync(home);
        using (process)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(Token);

            Assert.Equal(143, process.ExitCode);
            Assert.DoesNotContain("\"type\":\"result\"", await output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_conversation_moves_to_another_home_with_its_one_file_even_if_the_last_line_is_cut()
    {
        using var home = new CliHome();
        using var other = new CliHome();
        await AskAsync(home, "first");
        var moved = Path.Combine(other.Home, ".claude", "projects", "moved", _session + ".jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(moved)!);
        var bytes = await File.ReadAllBytesAsync(home.Transcript(_session), Token);
        await File.WriteAllBytesAsync(moved, bytes[..^20], Token);

        var resumed = await other.RunAsync(BuiltPrograms.Claude, stub.Url, "second", ["--resume", _session], Token);

        Assert.Equal("You said: second", resumed.Result.GetProperty("result").GetString());
    }

    [Fact]
    public async Task An_unknown_conversation_is_refused_with_a_result_that_has_no_text()
    {
        using var home = new CliHome();

        var run = await home.RunAsync(BuiltPrograms.Claude, stub.Url, "hi", ["--resume", _session], Token);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("error_during_execution", run.Result.GetProperty("subtype").GetString());
        Assert.Contains("No conversation found", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unshare")]
    [InlineData("bwrap")]
    public async Task The_full_command_line_works_inside(string sandbox)
    {
        using var home = new CliHome();
        Assert.SkipUnless(File.Exists("/usr/bin/" + sandbox) && (sandbox == "bwrap" || Environment.UserName == "root"), $"{sandbox} is not to be had here.");
        home.Wrapper = sandbox == "unshare" ? ["unshare", "-pf", "--mount-proc", "--kill-child"] : Bubblewrap(home);

        var run = await home.RunAsync(
            BuiltPrograms.Claude, stub.Url, "[[stub:edit-run notes.txt]]",
            [
                "--session-id", _session, "--permission-mode", "acceptEdits", "--model", "claude-sonnet-5-5", "--max-turns", "9", "--max-budget-usd", "5", "--effort", "low",
                "--append-system-prompt", "Be brief.", "--allowed-tools", "Bash(git *)", "Read", "--disallowed-tools", "WebFetch",
            ],
            Token);

        Assert.Equal("The tool said: one\nthree", run.Result.GetProperty("result").GetString());
        Assert.Equal("one\nthree\n", await File.ReadAllTextAsync(Path.Combine(home.Workspace, "notes.txt"), Token));
    }

    private static string[] Bubblewrap(CliHome home) =>
    [
        "bwrap", "--unshare-user", "--uid", "1000", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev",
        "--proc", "/proc", "--bind", home.Home, home.Home, "--bind", home.Workspace, home.Workspace, "--chdir", home.Workspace, "--",
    ];

    private static double Cost(CliRun run) => run.Result.GetProperty("total_cost_usd").GetDouble();

    private Task<CliRun> AskAsync(CliHome home, string prompt, params string[] arguments) =>
        home.RunAsync(BuiltPrograms.Claude, stub.Url, prompt, ["--session-id", _session, .. arguments], Token);

    /// <summary>A run whose tool has begun and will not end: it writes into a named pipe that this side waits for.</summary>
    private async Task<(Process Process, Task<string> Output)> StartHoldingAsync(CliHome home)
    {
        var begun = Path.Combine(home.Workspace, "begun");
        using (var make = Process.Start("mkfifo", [begun]))
        {
            await make.WaitForExitAsync(Token);
        }

        var process = home.Start(BuiltPrograms.Claude, stub.Url, "[[stub:bash echo yes > begun; tail -f /dev/null]]", ["--session-id", _session, "--allowed-tools", "Bash"]);
        var output = process.StandardOutput.ReadToEndAsync(Token);
        _ = process.StandardError.ReadToEndAsync(Token);
        Assert.Equal("yes\n", await Task.Run(() => File.ReadAllTextAsync(begun, Token), Token));
        return (process, output);
    }
}
