using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>A conversation goes on where another run left it: on this worker or on another one, fetched from the control plane.</summary>
public sealed class ConversationSpecs
{
    private readonly FakeControlPlane _plane = new() { JobEnded = false };
    private readonly Guid _session = Guid.NewGuid();

    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    [InlineData("gemini")]
    public async Task A_second_attempt_on_another_worker_goes_on_with_the_conversation_of_the_first(string cli)
    {
        Grants("[[fake: @1 say half; @1 exit 3; @resume answer whole]]", cli);
        var first = await FirstAsync(cli);
        var told = Tell(first);

        await using var other = await WorkerHost.StartRealAsync(_plane);
        _plane.JobEnded = true;
        var second = await other.SubmitAsync(attempt: 2, first.JobId, cli);

        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.Equal("whole", Text(second, OutputStream.Answer));
        Assert.StartsWith(Encoding.UTF8.GetString(told), Text(second, OutputStream.Transcript), StringComparison.Ordinal);
        Assert.Contains("was cut off", Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    [InlineData("gemini")]
    public async Task A_second_attempt_on_the_same_worker_goes_on_with_what_lies_there(string cli)
    {
        Grants("[[fake: @1 say half; @1 exit 3; @resume answer whole]]", cli);
        await using var host = await WorkerHost.StartRealAsync(_plane);
        var first = await host.SubmitAsync(provider: cli);
        Assert.IsType<RunFailed>(await _plane.OutcomeAsync(first));

        // The last line of what is stored was not whole yet: on the disk it is.
        Tell(first, cut: 5);
        _plane.JobEnded = true;
        var second = await host.SubmitAsync(attempt: 2, first.JobId, cli);

        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.StartsWith(Text(first, OutputStream.Transcript), Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_there_and_is_another_conversation_is_replaced()
    {
        Grants("[[fake: @1 say half; @1 exit 3; @resume answer whole]]", "claude");
        await using var host = await WorkerHost.StartRealAsync(_plane);
        var first = await host.SubmitAsync();
        Assert.IsType<RunFailed>(await _plane.OutcomeAsync(first));

        var other = Encoding.UTF8.GetBytes("{\"type\":\"user\",\"message\":{\"content\":\"said elsewhere\"}}\n");
        Tell(first, bytes: other);
        _plane.JobEnded = true;
        var second = await host.SubmitAsync(attempt: 2, first.JobId);

        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.StartsWith("{\"type\":\"user\",\"message\":{\"content\":\"said elsewhere\"}}", Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    [InlineData("gemini")]
    public async Task A_new_job_in_a_session_gets_its_own_prompt_and_knows_what_was_said(string cli)
    {
        Grants("[[fake: answer one]]", cli);
        var first = await FirstAsync(cli);
        var said = _plane.Stored(first, OutputStream.Transcript);

        await using var other = await WorkerHost.StartRealAsync(_plane);
        _plane.Transcript = _ => said;
        Grants("[[fake: @resume answer two]]", cli, conversation: OfSession(said));
        _plane.JobEnded = true;
        var second = await other.SubmitAsync(provider: cli);

        Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second));
        Assert.Equal("two", Text(second, OutputStream.Answer));
        var all = Text(second, OutputStream.Transcript);
        Assert.StartsWith(Encoding.UTF8.GetString(said), all, StringComparison.Ordinal);
        Assert.DoesNotContain("was cut off", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, "own")]
    [InlineData(true, null, "cut off")]
    [InlineData(true, true, "cut off")]
    [InlineData(true, false, "own")]
    public async Task A_second_attempt_in_a_session_is_told_to_go_on_only_where_its_own_prompt_stands(bool stands, bool? hasRun, string told)
    {
        var said = Line("said before");
        byte[] all = stands ? [.. said, .. Line("own")] : said;
        Grants("own", "claude", writes: false, OfSession(all) with { Source = hasRun == false ? ConversationSource.Session : ConversationSource.OwnAttempt, EarlierBytes = said.Length });
        var grant = _plane.Grant;
        _plane.Grant = claim => grant(claim)! with { HasRun = hasRun };
        _plane.Transcript = _ => all;
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run => run.End();
        var key = await host.SubmitAsync(attempt: 2);
        await _plane.OutcomeAsync(key);
        var start = host.Runner.Run(WorkerHost.Id(key)).Start;
        Assert.Contains(told, Encoding.UTF8.GetString(start.Stdin.Span), StringComparison.Ordinal);
        Assert.Equal(["--resume", _session.ToString("d")], start.Arguments.TakeLast(2));
    }

    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    public async Task A_fork_goes_on_under_an_id_of_its_own(string cli)
    {
        Grants("[[fake: answer one]]", cli);
        var first = await FirstAsync(cli);
        var said = _plane.Stored(first, OutputStream.Transcript);

        await using var other = await WorkerHost.StartRealAsync(_plane);
        _plane.Transcript = _ => said;
        var fork = Guid.NewGuid();
        Grants("[[fake: @resume answer two]]", cli, conversation: OfSession(said) with { WrittenAs = _session }, session: fork);
        _plane.JobEnded = true;
        var second = await other.SubmitAsync(provider: cli);

        var result = Assert.IsType<RunCompleted>(await _plane.OutcomeAsync(second)).Result;
        Assert.Equal(("two", fork), (Text(second, OutputStream.Answer), result.SessionId));
        Assert.DoesNotContain(_session.ToString("d"), Text(second, OutputStream.Transcript), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("other")]
    [InlineData("denied")]
    public async Task A_conversation_that_is_not_what_was_told_is_not_gone_on_with(string fault)
    {
        var said = Line("said before");
        Grants("own", "claude", conversation: OfSession(said));
        _plane.Transcript = _ => fault switch
        {
            "short" => said[..^1],
            "other" => Line("said beforf"),
            _ => null,
        };
        await using var host = await WorkerHost.StartAsync(_plane);
        var failed = Assert.IsType<RunFailed>(await _plane.OutcomeAsync(await host.SubmitAsync()));
        Assert.Equal((FailureKinds.Rejected, false), (failed.Failure.Kind, failed.Failure.Retryable));
        Assert.Contains("conversation", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(host.Runner.Runs);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Of_a_second_attempt_whose_conversation_cannot_be_read_only_one_that_reads_begins_anew(bool writes, bool starts)
    {
        Grants("own", "claude", writes, OfSession(Line("own")) with { Source = ConversationSource.OwnAttempt, EarlierBytes = 0 });
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run =>
        {
            Assert.Equal(("--session-id", "own"), (run.Start.Arguments[^2], Encoding.UTF8.GetString(run.Start.Stdin.Span)));
            run.Answer("x");
            run.End();
        };
        var outcome = await _plane.OutcomeAsync(await host.SubmitAsync(attempt: 2));
        Assert.Equal(starts, outcome is RunCompleted);
        Assert.True(starts || outcome is RunFailed { Failure: { Kind: FailureKinds.WorkerLost, Again: false } });
    }

    [Fact]
    public async Task A_line_that_was_cut_off_in_the_middle_is_left_out()
    {
        byte[] torn = [.. Line("own"), .. Encoding.UTF8.GetBytes("{\"type\":\"assis")];
        Grants("own", "claude", writes: true, OfSession(torn) with { Source = ConversationSource.OwnAttempt, EarlierBytes = 0, Sha256 = null });
        _plane.Transcript = _ => torn;
        await using var host = await WorkerHost.StartAsync(_plane);
        byte[] found = [];
        host.Runner.OnStart = run =>
        {
            found = File.ReadAllBytes(Assert.Single(Directory.EnumerateFiles(run.Start.Environment["CLAUDE_CONFIG_DIR"], "*.jsonl", SearchOption.AllDirectories)));
            run.End();
        };
        await _plane.OutcomeAsync(await host.SubmitAsync(attempt: 2));
        Assert.Equal(Line("own"), found);
    }

    [Fact]
    public async Task A_link_on_the_way_to_its_place_is_not_followed()
    {
        var said = Line("own");
        Grants("own", "claude", writes: false, OfSession(said) with { Source = ConversationSource.OwnAttempt, EarlierBytes = 0 });
        _plane.Transcript = _ => said;
        await using var host = await WorkerHost.StartAsync(_plane);
        host.Runner.OnStart = run => run.End();
        var job = Guid.NewGuid();
        var elsewhere = Directory.CreateTempSubdirectory("gwelse").FullName;
        var config = Directory.CreateDirectory(Path.Combine(host.DataFolder, "homes", job.ToString("n"), "home", ".claude")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(config, "projects"), elsewhere);

        await _plane.OutcomeAsync(await host.SubmitAsync(attempt: 2, job));

        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(config, "projects"), "*", SearchOption.AllDirectories));
        Assert.Equal(said, File.ReadAllBytes(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Directory.Delete(elsewhere);
    }

    private async Task<RunKey> FirstAsync(string cli)
    {
        await using var host = await WorkerHost.StartRealAsync(_plane);
        var first = await host.SubmitAsync(provider: cli);
        await _plane.OutcomeAsync(first);
        return first;
    }

    /// <summary>From now on a second attempt is told to go on with what the first left.</summary>
    private byte[] Tell(RunKey first, int cut = 0, byte[]? bytes = null)
    {
        var stored = bytes ?? _plane.Stored(first, OutputStream.Transcript)[..^cut];
        var grant = _plane.Grant;
        var conversation = OfSession(stored) with { Source = ConversationSource.OwnAttempt, EarlierBytes = 0, Sha256 = null };
        _plane.Grant = claim => grant(claim) is { } one && claim.Attempt == 2 ? one with { Resume = true, Writes = true, Conversation = conversation } : grant(claim);
        _plane.Transcript = question => question.JobId == first.JobId && question.Attempt == 2 ? stored : null;
        return stored;
    }

    private void Grants(string prompt, string cli, bool writes = false, Conversation? conversation = null, Guid? session = null) => _plane.Grant = _ => new RunGrant
    {
        Prompt = prompt,
        Claude = cli == "claude" ? new ClaudeArguments() : null,
        ArgumentsJson = cli == "claude" ? null : "{}",
        SessionId = session ?? _session,
        Conversation = conversation,
        Resume = conversation is not null,
        Writes = writes,
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(7),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };

    private static Conversation OfSession(byte[] said) => new()
    {
        Source = ConversationSource.Session,
        TranscriptBytes = said.Length,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(said)),
        EarlierBytes = said.Length,
    };

    private static byte[] Line(string prompt) => Encoding.UTF8.GetBytes($"{{\"type\":\"user\",\"message\":{{\"role\":\"user\",\"content\":\"{prompt}\"}}}}\n");

    private string Text(RunKey key, OutputStream stream) => Encoding.UTF8.GetString(_plane.Stored(key, stream));
}
