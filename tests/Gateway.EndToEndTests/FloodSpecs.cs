using System.Security.Cryptography;
using System.Text;
using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Loud agents: memory stays bounded, others are served, and what is read back is what was written.</summary>
[Collection(nameof(FloodSpecs))]
public sealed class FloodSpecs : GatewayHouse
{
    private const int CapBytes = 52_428_800;
    private const long MostMemoryBytes = 200_000_000;
    private const int PageChars = 2_000_000;

    // Thousands on an idle machine. How long the slowest takes is measured by build/bench, which runs alone; this sees that nobody is shut out.
    private const int FewestCalls = 100;

    // Characters of one to four bytes, written in pieces of 997 bytes, which cut them at every place.
    private static readonly (string Pattern, int Bytes, int MaxChars)[] Pages = [("multibyte", 2_999_997, 1_000), ("ansi", 200_000, 1_000), ("nul", 200_000, 7_001)];

    public static TheoryData<string, int> Floods => new()
    {
        { "lines", 60_000_000 },
        { "one-line", 20_000_000 },
        { "no-newline", 60_000_000 },
        { "invalid", 60_000_000 },
    };

    [Theory]
    [Trait("tier", "slow")]
    [MemberData(nameof(Floods))]
    public async Task A_flood_is_kept_up_to_the_cap_in_bounded_memory_while_others_are_served(string pattern, int bytes)
    {
        var gateway = await StartAsync();
        var other = (await gateway.Client.RunAsync("hello")).Id;
        var copy = At("copy");

        var job = await gateway.Client.SubmitAsync($"[[fake: no-init; copy {copy}; print-bytes {bytes} {pattern}; answer done]]");
        var (slowest, calls, mostMemory) = await WatchAsync(gateway, other, job.Id);
        var end = await gateway.Client.StatusAsync(job.Id);

        Tell($"{pattern}: {calls} calls of another client, slowest {slowest.TotalMilliseconds:0} ms; gateway's memory at most {mostMemory >> 20} MiB, runner's {ProcessTable.Memory(gateway.RunnerId, "VmHWM") >> 20} MiB");
        Assert.True(mostMemory < MostMemoryBytes, $"{mostMemory >> 20} MiB");
        Assert.True(calls >= FewestCalls, $"{calls} calls were answered while the flood was stored");
        await StoredAsProducedAsync(gateway, end, copy, pattern, bytes);
    }

    [Fact]
    [Behaviour(25)]
    public async Task Output_beyond_the_cap_stops_the_run_and_keeps_a_prefix()
    {
        const int cap = 100_000;
        var gateway = await StartAsync(("Worker:OutputCapBytes", "100000"), ("Worker:Slots", "1"));
        var job = await gateway.Client.RunAsync($"[[fake: no-init; copy {At("copy")}; print-bytes 400000 multibyte; grandchild; hang]]");

        Assert.Equal(("failed", "output_limit", 126), (job.Status, job.FailureKind, job.ExitCode));
        Assert.True(job.OutputTruncated);
        var (length, hash) = gateway.Store.Stream(PublicId.Read(job.Id), 1, 0);
        Assert.Equal(cap, length);
        Assert.Equal(await PrefixHashAsync(At("copy"), cap), hash);
        // The cap may cut a character; what a client reads ends before it, or with what stands for its part.
        var kept = (await gateway.Client.StdoutPagesAsync(job.Id, PageChars)).Text.TrimEnd('\uFFFD');
        Assert.True(kept.Length > cap / 3 && (await File.ReadAllTextAsync(At("copy"), Token)).StartsWith(kept, StringComparison.Ordinal), "what is read back is a prefix");
        Assert.Empty(ProcessTable.Of(PublicId.Read(job.Id)));
        Assert.Equal("completed", (await gateway.Client.RunAsync("the slot is free")).Status);
    }

    [Fact]
    [Behaviour(26)]
    [Behaviour(27)]
    public async Task Pages_of_any_size_join_to_the_exact_stream()
    {
        var gateway = await StartAsync();
        foreach (var (pattern, bytes, maxChars) in Pages)
        {
            var copy = At(pattern);
            var job = await gateway.Client.RunAsync($"[[fake: no-init; copy {copy}; print-bytes {bytes} {pattern}; answer done]]");
            Assert.Equal("completed", job.Status);

            var (text, pages) = await gateway.Client.StdoutPagesAsync(job.Id, maxChars);

            Assert.True(pages > bytes / maxChars / 5, $"{pattern}: {pages} pages");
            Assert.True(await File.ReadAllTextAsync(copy, Token) == text, $"{pattern}: {text.Length} characters came back");
            Assert.DoesNotContain('\uFFFD', text);
            var last = (await gateway.Client.CallAsync("llm_job_result", new { jobId = job.Id, rawOutput = true, stdoutOffsetBytes = job.Json.GetProperty("stdoutBytes").GetInt64() })).Good.GetProperty("result");
            Assert.Equal(("", false), (last.GetProperty("stdout").GetString(), last.TryGetProperty("stdoutNextOffsetBytes", out _)));
            var refused = await gateway.Client.CallAsync("llm_job_result", new { jobId = job.Id, stdoutOffsetBytes = 0 });
            Assert.Equal("invalid_input", refused.ErrorKind);
            Assert.Contains("rawOutput", refused.Text, StringComparison.Ordinal);
        }
    }

    private static async Task<(TimeSpan Slowest, int Calls, long MostMemory)> WatchAsync(GatewayProcess gateway, string other, string jobId)
    {
        var slowest = TimeSpan.Zero;
        var most = 0L;
        var calls = 0;
        using var client = new McpCaller(() => gateway.Url, () => gateway.Key);
        await client.StatusAsync(other);
        for (var final = false; !final; calls++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await client.StatusAsync(other);
            var took = TimeProvider.System.GetElapsedTime(started);
            slowest = took > slowest ? took : slowest;
            most = Math.Max(most, ProcessTable.Memory(gateway.Id, "VmRSS"));
            final = (calls % 20) == 0 && (await client.StatusAsync(jobId)).IsFinal;
        }

        return (slowest, calls, Math.Max(most, ProcessTable.Memory(gateway.Id, "VmHWM")));
    }

    private static async Task StoredAsProducedAsync(GatewayProcess gateway, JobRecord end, string copy, string pattern, int bytes)
    {
        var (length, hash) = gateway.Store.Stream(PublicId.Read(end.Id), 1, 0);
        if (bytes > CapBytes)
        {
            Assert.Equal(("failed", "output_limit", true), (end.Status, end.FailureKind, end.OutputTruncated));
            Assert.Equal(CapBytes, length);
        }
        else
        {
            Assert.Equal(("completed", false), (end.Status, end.OutputTruncated));
            Assert.Equal(new FileInfo(copy).Length, length);
        }

        Assert.Equal(await PrefixHashAsync(copy, (int)length), hash);
        var (text, _) = await gateway.Client.StdoutPagesAsync(end.Id, PageChars);
        var kept = new byte[length];
        await using (var file = File.OpenRead(copy))
        {
            await file.ReadExactlyAsync(kept, Token);
        }

        // A byte that is not UTF-8 shows as one replacement character; everything else is itself.
        var expected = pattern == "invalid" ? Encoding.Latin1.GetString(kept).Replace("\u00C3(\u00FF\u00FE\u00E2\u0082", "\uFFFD(\uFFFD\uFFFD\uFFFD\uFFFD", StringComparison.Ordinal) : Encoding.UTF8.GetString(kept);
        Assert.True(Tail(expected, pattern).SequenceEqual(Tail(text, pattern)), $"{text.Length} characters came back, {expected.Length} were expected");
    }

    // The cap may cut the pattern of invalid bytes in the middle, where the fixed replacement above does not fit.
    private static ReadOnlySpan<char> Tail(string text, string pattern) => pattern == "invalid" ? text.AsSpan(0, text.LastIndexOf("z\n", StringComparison.Ordinal)) : text;

    private static async Task<string> PrefixHashAsync(string file, int length)
    {
        var bytes = new byte[length];
        await using var stream = File.OpenRead(file);
        await stream.ReadExactlyAsync(bytes, Token);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
