using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Behaviours;

/// <summary>A client that follows a job is told each event once, as it happens, and nothing that the run is about.</summary>
public sealed class WatchSpecs(SharedHouse house) : GatewayHouse, IClassFixture<SharedHouse>
{
    private const int LongWaitMs = 30_000;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private protected override IEnumerable<ProgramProcess> Shared => [house.Gateway];

    private McpCaller Client => house.Gateway.Client;

    [Fact]
    [Behaviour(32)]
    [Behaviour(33)]
    public async Task Progress_is_told_once_each_in_order_and_without_a_word_of_the_run()
    {
        var job = await Client.SubmitAsync("Look at /srv/secret-path. [[fake: think secret-thought; tool SecretTool secret-result; say /srv/secret-words; sleep 300; stderr secret-noise; answer secret-answer]]");
        List<JsonElement> events = [];
        var after = 0L;
        for (var final = false; !final;)
        {
            var (view, told) = await TellAsync(job.Id, after, 5000, limit: 2);
            events.AddRange(told);
            after = view.Json.GetProperty("progress").GetProperty("nextAfterSeq").GetInt64();
            final = view.IsFinal && !view.Json.GetProperty("progress").GetProperty("hasMore").GetBoolean();
        }

        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(Seq));
        var kinds = events.Select(e => e.GetProperty("kind").GetString()).ToList();
        Assert.Contains("tool_start", kinds);
        Assert.Contains("reasoning", kinds);
        Assert.Equal("terminal", kinds[^1]);
        Assert.DoesNotContain("secret", string.Concat(events).ToLowerInvariant(), StringComparison.Ordinal);
    }

    [Fact]
    [Behaviour(32)]
    public async Task A_status_call_answers_at_the_next_event_and_not_before()
    {
        var job = await Client.SubmitAsync($"[[fake: say one; wait {At("gate")}; think two; wait {At("end")}; answer three]]");
        var seen = await LastOfAsync(job.Id, "output");

        var waiting = TellAsync(job.Id, seen, LongWaitMs);
        var asked = TimeProvider.System.GetTimestamp();
        var (still, none) = await TellAsync(job.Id, seen, 1000);
        Assert.Equal(("running", 0), (still.Status, none.Count));
        Assert.True(TimeProvider.System.GetElapsedTime(asked) >= TimeSpan.FromMilliseconds(900));
        Assert.False(waiting.IsCompleted);

        await File.WriteAllTextAsync(At("gate"), "", Token);
        var (_, next) = await waiting.WaitAsync(Soon, Token);
        Assert.Equal((seen + 1, "reasoning"), (Seq(next[0]), next[0].GetProperty("kind").GetString()));

        var end = TellAsync(job.Id, Seq(next[^1]), LongWaitMs);
        await File.WriteAllTextAsync(At("end"), "", Token);
        Assert.NotEmpty((await end.WaitAsync(Soon, Token)).Events);
        await Client.EndAsync(job.Id);
    }

    [Fact]
    [Behaviour(32)]
    public async Task A_status_call_may_wait_for_the_end_alone_and_no_longer()
    {
        var job = await Client.SubmitAsync($"[[fake: wait {At("gate")}]]");
        var waiting = Client.CallAsync("llm_job_status", new { jobId = job.Id, waitFor = "terminal", waitMs = 45_000 });
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal("running", (await Client.CallAsync("llm_job_status", new { jobId = job.Id, waitFor = "terminal", waitMs = 1500 })).Good.GetProperty("job").GetProperty("status").GetString());
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(1400));

        await File.WriteAllTextAsync(At("gate"), "", Token);

        Assert.Equal("completed", (await waiting).Good.GetProperty("job").GetProperty("status").GetString());
    }

    [Fact]
    [Behaviour(32)]
    public async Task A_client_that_breaks_its_call_off_is_sent_nothing_more_and_the_next_one_misses_nothing()
    {
        var job = await Client.SubmitAsync($"[[fake: say one; wait {At("gate")}; think two; answer three]]");
        var seen = await LastOfAsync(job.Id, "output");

        // It says that it will send nothing more, which ends a call, but goes on listening.
        using var leaving = new TcpClient();
        await leaving.ConnectAsync(house.Gateway.Url.Host, house.Gateway.Url.Port, Token);
        var body = $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"llm_job_status","arguments":{"jobId":"{{{{job.Id}}}}","waitMs":{{{{LongWaitMs}}}},"afterProgressSeq":{{{{seen}}}}}}}""";
        await using var stream = leaving.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {house.Gateway.Url.AbsolutePath} HTTP/1.1\r\nHost: {house.Gateway.Url.Authority}\r\nAuthorization: Bearer {house.Gateway.Key}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Token);
        await TellAsync(job.Id, seen, 500);
        leaving.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        var heard = await reader.ReadToEndAsync(Token).WaitAsync(Soon, Token);

        await File.WriteAllTextAsync(At("gate"), "", Token);
        Assert.Equal("completed", (await Client.EndAsync(job.Id)).Status);
        Assert.DoesNotContain(job.Id, heard, StringComparison.Ordinal);
        var (_, missed) = await TellAsync(job.Id, seen, 0);
        Assert.Equal(Enumerable.Range(1, missed.Count).Select(n => seen + n), missed.Select(Seq));
        Assert.Equal("terminal", missed[^1].GetProperty("kind").GetString());
    }

    private static long Seq(JsonElement told) => told.GetProperty("seq").GetInt64();

    private async Task<(JobRecord Job, IReadOnlyList<JsonElement> Events)> TellAsync(string jobId, long after, int waitMs, int limit = 64)
    {
        var job = (await Client.CallAsync("llm_job_status", new { jobId, waitMs, afterProgressSeq = after, progressLimit = limit })).Good.GetProperty("job");
        return (new JobRecord(job), [.. job.GetProperty("progress").GetProperty("events").EnumerateArray()]);
    }

    /// <summary>Number of the newest event, once it is one of a kind.</summary>
    private async Task<long> LastOfAsync(string jobId, string kind)
    {
        IReadOnlyList<JsonElement> events = [];
        await Wait.UntilAsync(async () => (events = (await TellAsync(jobId, 0, 0)).Events) is [.., var last] && last.GetProperty("kind").GetString() == kind, $"an event of the kind {kind}");
        return Seq(events[^1]);
    }
}
