using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>What the fake agent prints as Codex is what the real one prints, as far as the product reads it; and what the product relies on is so.</summary>
public sealed class FakeCodexContractSpecs(ModelStubProcess stub) : IClassFixture<ModelStubProcess>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_have_the_members_of_the_real_ones()
    {
        var (real, fake) = await BothAsync("[[stub:bash id -u]]", "[[fake: tool id]]");

        Assert.Equal((0, 0), (real.ExitCode, fake.ExitCode));
        foreach (var type in (string[])["thread.started", "turn.started", "item.started", "item.completed", "turn.completed"])
        {
            Assert.Equal(Members(real.Last(type)), Members(fake.Last(type)));
        }

        Assert.Equal(Members(real.Last("turn.completed").GetProperty("usage")), Members(fake.Last("turn.completed").GetProperty("usage")));
        foreach (var type in (string[])["command_execution", "agent_message"])
        {
            Assert.Equal(Members(Item(real, type)), Members(Item(fake, type)));
        }
    }

    [Theory]
    [InlineData("[[stub:401]]", "[[fake: api-error 401]]", "unexpected status 401")]
    [InlineData("[[stub:404]]", "[[fake: api-error 404]]", "The model `")]
    [InlineData("[[stub:429]]", "[[fake: api-error 429]]", "exceeded retry limit, last status: 429")]
    [InlineData("[[stub:500]]", "[[fake: api-error 500]]", "We’re currently experiencing high demand")]
    [InlineData("[[stub:400-too-long]]", "[[fake: api-error 400-too-long]]", "Codex ran out of room")]
    [InlineData("[[stub:drop]]", "[[fake: api-error drop]]", "stream disconnected before completion")]
    [InlineData("[[stub:usage-limit]]", "[[fake: api-error usage-limit]]", "You’ve hit your usage limit")]
    public async Task A_failed_turn_begins_with_the_words_of_the_real_one(string forReal, string forFake, string words)
    {
        var (real, fake) = await BothAsync(forReal, forFake);

        Assert.Equal((1, 1), (real.ExitCode, fake.ExitCode));
        Assert.StartsWith(words, Reason(real), StringComparison.Ordinal);
        Assert.StartsWith(words, Reason(fake), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_goes_on_by_its_one_file_in_another_home_and_counts_on()
    {
        using var home = new CodexHome();
        using var other = new CodexHome();
        var first = await home.RunAsync(BuiltPrograms.Codex, stub.Url, "first", ["--sandbox", "read-only"], Token);
        var thread = first.Last("thread.started").GetProperty("thread_id").GetString()!;
        var rollout = Directory.EnumerateFiles(Path.Combine(home.Home, ".codex", "sessions"), "*.jsonl", SearchOption.AllDirectories).Single();
        var moved = rollout.Replace(home.Home, other.Home, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(moved)!);
        File.Copy(rollout, moved);

        var second = await other.RunAsync(BuiltPrograms.Codex, stub.Url, "second", ["-c", "sandbox_mode=\"read-only\""], Token, thread);
        var unknown = await home.RunAsync(BuiltPrograms.Codex, stub.Url, "second", [], Token, Guid.NewGuid().ToString());

        Assert.EndsWith(thread + ".jsonl", rollout, StringComparison.Ordinal);
        Assert.Equal((thread, "You said: second"), (second.Last("thread.started").GetProperty("thread_id").GetString(), Item(second, "agent_message").GetProperty("text").GetString()));
        Assert.True(Input(second) > Input(first));
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains("thread/resume failed", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_given_up()
    {
        using var home = new CodexHome();

        var run = await home.RunAsync(BuiltPrograms.Codex, null, "hi", ["--sandbox", "read-only"], Token);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("Connection failed", Reason(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_address_is_tried_but_the_configured_one()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is needed to see connections.");
        using var home = new CodexHome();
        var trace = Path.Combine(home.Temporary, "connects");
        home.Wrapper = ["/usr/bin/strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmmsg", "-e", "signal=none", "-o", trace];

        var run = await home.RunAsync(BuiltPrograms.Codex, stub.Url, "hi", ["--sandbox", "read-only"], Token);

        Assert.Equal(0, run.ExitCode);
        var port = new Uri(stub.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var tried = Support.Wait.LinesOf(trace).Where(line => line.Contains("sa_family=AF_INET", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(tried);
        Assert.All(tried, line => Assert.Contains($"htons({port})", line, StringComparison.Ordinal));
    }

    private async Task<(CliRun Real, CliRun Fake)> BothAsync(string forReal, string forFake)
    {
        using var home = new CodexHome();
        using var fakeHome = new CodexHome();
        string[] arguments = ["--sandbox", "read-only"];
        return (await home.RunAsync(BuiltPrograms.Codex, stub.Url, forReal, arguments, Token), await fakeHome.RunAsync(BuiltPrograms.FakeAgent, null, forFake, arguments, Token));
    }

    private static JsonElement Item(CliRun run, string type) => run.Lines
        .Where(line => line.GetProperty("type").GetString() == "item.completed").Select(line => line.GetProperty("item")).Last(item => item.GetProperty("type").GetString() == type);

    private static string Reason(CliRun run) => run.Last("turn.failed").GetProperty("error").GetProperty("message").GetString()!;

    private static long Input(CliRun run) => run.Last("turn.completed").GetProperty("usage").GetProperty("input_tokens").GetInt64();

    private static string Members(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(member => $"{member.Name}:{member.Value.ValueKind}").Order(StringComparer.Ordinal));
}
