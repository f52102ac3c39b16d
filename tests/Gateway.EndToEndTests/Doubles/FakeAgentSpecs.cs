using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>The fake agent does what its directives say: other tests rely on it.</summary>
public sealed class FakeAgentSpecs : IDisposable
{
    private readonly CliHome _home = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task It_prints_on_both_streams_and_exits_with_the_code_asked_for()
    {
        var run = await RunAsync("[[fake: sleep 1; stderr oops; print hello; exit 3]]");

        Assert.Equal((3, "oops\n"), (run.ExitCode, run.Errors));
        Assert.EndsWith("hello\n", run.Output, StringComparison.Ordinal);
        Assert.False(run.Has("result"));
    }

    [Fact]
    public async Task Attempts_do_what_is_meant_for_them_and_leave_one_effect_each()
    {
        const string prompt = "[[fake: effect effects; @1 answer one; @2+ answer two; @resume answer again]]";
        var session = Guid.NewGuid().ToString();

        var first = await RunAsync(prompt, "--session-id", session);
        var resumed = await RunAsync("Please continue.", "--resume", session);

        Assert.Equal("one", first.Result.GetProperty("result").GetString());
        Assert.Equal("again", resumed.Result.GetProperty("result").GetString());
        Assert.Equal(0.02, resumed.Result.GetProperty("total_cost_usd").GetDouble(), 6);
        Assert.Equal(["job_test/1"], await File.ReadAllLinesAsync(Path.Combine(_home.Workspace, "effects"), Token));
    }

    [Theory]
    [InlineData("lines")]
    [InlineData("one-line")]
    [InlineData("no-newline")]
    [InlineData("invalid")]
    [InlineData("ansi")]
    [InlineData("nul")]
    [InlineData("multibyte")]
    public async Task It_prints_exactly_the_bytes_asked_for_and_keeps_a_copy(string pattern)
    {
        var copy = Path.Combine(_home.Workspace, "copy");
        using var process = _home.Start(BuiltPrograms.FakeAgent, null, $"[[fake: no-init; copy {copy}; print-bytes 300001 {pattern}; no-result]]", []);
        using var output = new MemoryStream();

        await process.StandardOutput.BaseStream.CopyToAsync(output, Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal(300_001, output.Length);
        Assert.Equal(await File.ReadAllBytesAsync(copy, Token), output.ToArray());
    }

    [Fact]
    public async Task It_ends_without_reading_a_prompt_it_was_told_not_to_read()
    {
        using var process = _home.Start(BuiltPrograms.FakeAgent, null, "[[fake: close-stdin; hang]]", []);
        Assert.Contains("init", await process.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);

        process.Kill();
        await process.WaitForExitAsync(Token);

        Assert.Equal(137, process.ExitCode);
    }

    [Theory]
    [InlineData("[[fake: no-init; print up; hang]]", 143, "")]
    [InlineData("[[fake: no-init; on-term bye; print up; hang]]", 143, "bye\n")]
    public async Task A_stop_signal_ends_it_with_143_and_its_last_words(string prompt, int code, string lastWords)
    {
        using var process = _home.Start(BuiltPrograms.FakeAgent, null, prompt, []);
        Assert.Equal("up", await process.StandardOutput.ReadLineAsync(Token));

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        var rest = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal((code, lastWords), (process.ExitCode, rest));
    }

    [Fact]
    public async Task It_tells_how_it_was_started()
    {
        var run = await RunAsync("[[fake: dump]]", "--model", "m");

        var dump = JsonElement.Parse(run.Result.GetProperty("result").GetString()!);
        Assert.Equal("job_test/1", dump.GetProperty("env").GetProperty("GATEWAY_RUN").GetString());
        Assert.Equal(_home.Workspace, dump.GetProperty("cwd").GetString());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(CliHome.Key))), dump.GetProperty("keySha256").GetString());
    }

    [Fact]
    public async Task The_script_variant_prints_a_run_that_counts_as_success()
    {
        var session = Guid.NewGuid().ToString();

        var run = await _home.RunAsync(BuiltPrograms.FakeClaudeScript, null, "hi\n", ["--session-id", session], Token);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("hello", session), (run.Result.GetProperty("result").GetString(), run.Result.GetProperty("session_id").GetString()));
    }

    private Task<CliRun> RunAsync(string prompt, params string[] arguments) => _home.RunAsync(BuiltPrograms.FakeAgent, null, prompt, arguments, Token);
}
