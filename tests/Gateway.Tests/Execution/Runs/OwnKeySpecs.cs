using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

/// <summary>The key that a run logs in with is the operator's, and no caller's to read.</summary>
public sealed class OwnKeySpecs : IDisposable
{
    private const string Key = "sk-secret-0123456789";
    private readonly string file = Path.GetTempFileName();
    private readonly FakeControlPlane plane = new();

    public void Dispose() => File.Delete(file);

    [Theory]
    [InlineData(AgentClis.Claude)]
    [InlineData(AgentClis.Codex)]
    [InlineData(AgentClis.Gemini)]
    public async Task The_key_of_a_run_stands_in_nothing_that_is_told_of_it_whichever_cli_repeats_it(string cli)
    {
        await File.WriteAllTextAsync(file, Key);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        plane.Grant = _ => new RunGrant
        {
            Prompt = $"[[fake: stderr refused {Key}; say It was {Key}; answer Incorrect API key provided: {Key}.]]",
            Claude = cli == AgentClis.Claude ? new ClaudeArguments() : null,
            ArgumentsJson = cli == AgentClis.Claude ? null : "{}",
            SessionId = Guid.NewGuid(),
            CredentialName = "main",
            Timeout = TimeSpan.FromMinutes(7),
            IdleTimeout = TimeSpan.FromMinutes(1),
        };
        await using var host = await WorkerHost.StartRealAsync(plane, ("Credentials:main:File", file));
        var run = await host.SubmitAsync(provider: cli);
        await plane.OutcomeAsync(run);

        foreach (var stream in (OutputStream[])[OutputStream.Stdout, OutputStream.Stderr, OutputStream.Answer])
        {
            var text = Encoding.UTF8.GetString(plane.Stored(run, stream));
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
            Assert.Contains(new string('*', Key.Length), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_of_an_adopted_run_is_blotted_out_though_an_mcp_server_of_it_is_known_no_more()
    {
        await File.WriteAllTextAsync(file, Key);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var host = await WorkerHost.StartAsync(plane, ("Credentials:main:File", file));
        var note = new RunNote { Provider = AgentClis.Claude, SessionId = Guid.NewGuid(), CredentialName = "main", ConfigDirectory = "/none", McpServers = ["gone"] };

        var mask = await host.Keys.MaskOfAsync(new RunKey(Guid.NewGuid(), 1), note, CancellationToken.None);

        Assert.Equal("It was ********************.", mask.Apply($"It was {Key}."));
    }

    [Fact]
    public void However_a_stream_is_cut_several_secrets_are_blotted_out()
    {
        string[] keys = ["abababac-key", "bac-key-and-more", "token-of-notes"];
        var mask = KeyMask.Of(["short", null, .. keys]);
        Gen.Select(Gen.Int[0, 6].Array[0, 12], Gen.Int[1, 9].Array[1, 40]).Sample((words, cuts) =>
        {
            var text = string.Concat(words.Select(word => word < 3 ? keys[word] + "|" : new[] { "ab", "token-", "bac", "\n" }[word - 3]));
            var pumped = Pumped(mask, text, cuts);
            Assert.Equal(text.Length, pumped.Length);
            Assert.DoesNotContain(keys, key => pumped.Contains(key, StringComparison.Ordinal));
            Assert.Equal(mask.Apply(text), pumped);
        }, iter: 2_000, threads: 1);
    }

    [Fact]
    public void However_a_stream_is_cut_the_key_is_blotted_out_and_every_other_byte_stays_where_it_is()
    {
        var mask = KeyMask.Of("abababac-key");
        string[] known = ["abababac-key", "abababac", "ab", "x", "-key", "abababac-ke", "\n"];
        var word = Gen.Int[0, known.Length - 1].Select(i => known[i]);
        Gen.Select(word.Array[0, 12], Gen.Int[1, 9].Array[1, 40]).Sample((words, cuts) =>
        {
            var text = string.Concat(words);
            Assert.Equal(text.Replace("abababac-key", "************", StringComparison.Ordinal), Pumped(mask, text, cuts));
        }, iter: 2_000, threads: 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("short")]
    public void Without_a_key_worth_the_name_nothing_changes(string? key)
    {
        var bytes = Encoding.ASCII.GetBytes("this is short");
        Assert.Equal((bytes.Length, "this is short", "this is short"), (KeyMask.Of(key).Apply(bytes, isLast: false), Encoding.ASCII.GetString(bytes), KeyMask.Of(key).Apply("this is short")));
    }

    [Fact]
    public void A_text_that_is_all_beginnings_of_a_key_is_masked_in_time()
    {
        var bytes = Encoding.ASCII.GetBytes(new string('a', 1 << 20));
        var began = TimeProvider.System.GetTimestamp();
        KeyMask.Of(new string('a', 200) + "b").Apply(bytes, isLast: false);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    // As the pump does it: what is held back comes again with what follows.
    private static string Pumped(KeyMask mask, string text, int[] cuts)
    {
        var (bytes, sent, told) = (Encoding.ASCII.GetBytes(text), 0, new StringBuilder());
        for (var (round, length) = (0, 0); length < bytes.Length || round == 0; round++)
        {
            length = Math.Min(bytes.Length, Math.Max(length, sent) + cuts[round % cuts.Length]);
            var piece = bytes[sent..length];
            var free = mask.Apply(piece, length == bytes.Length);
            told.Append(Encoding.ASCII.GetString(piece, 0, free));
            sent += free;
        }

        return told.ToString();
    }
}
