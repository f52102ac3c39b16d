using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>A client that writes the protocol's bytes itself, so that nothing is checked or repaired on the way out.</summary>
internal sealed class McpCaller(Func<Uri> url, Func<string> key) : IDisposable
{
    private const int LongestWaitMs = 20_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The tool by which runs are started.</summary>
    public string Starter { get; set; } = "claude_request_async";

    public Task<Reply> CallAsync(string tool, object arguments) => CallRawAsync(tool, JsonSerializer.Serialize(arguments));

    public async Task<Reply> CallRawAsync(string tool, string argumentsJson)
    {
        var answer = await SendAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{argumentsJson}}}}}""");
        return new Reply(answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.GetRawText()));
    }

    /// <summary>One message; the response to it.</summary>
    public async Task<JsonElement> SendAsync(string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url()) { Content = new StringContent(message, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key());
        using var response = await _http.SendAsync(request, Token);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        }

        var text = await response.Content.ReadAsStringAsync(Token);
        return text.Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => JsonElement.Parse(l["data:".Length..].Trim()))
            .FirstOrDefault(m => m.TryGetProperty("id", out _)) is { ValueKind: JsonValueKind.Object } found ? found : throw new HttpRequestException("The stream ended without a response.");
    }

    public async Task<JsonElement> ToolsAsync() => (await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")).GetProperty("result").GetProperty("tools");

    /// <summary>Starts a run; its job. A busy machine may make a cold gateway say "later": then nothing was accepted, and it is asked again.</summary>
    public async Task<JobRecord> SubmitAsync(string prompt, params (string Name, object Value)[] more)
    {
        var arguments = more.Append(("prompt", prompt)).ToDictionary(a => a.Item1, a => a.Item2);
        Reply? reply = null;
        await Wait.UntilAsync(async () => !(reply = await CallAsync(Starter, arguments)).IsError || reply.ErrorKind != "policy_unavailable", "the store answers");
        return Job(reply!.Good);
    }

    public async Task<JobRecord> StatusAsync(string jobId) => Job((await CallAsync("llm_job_status", new { jobId })).Good);

    /// <summary>Waits for the end of a job.</summary>
    public async Task<JobRecord> EndAsync(string jobId, TimeSpan? atMost = null)
    {
        var limit = atMost ?? Wait.Long;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var job = Job((await CallAsync("llm_job_status", new { jobId, waitFor = "terminal", waitMs = (int)Math.Min(LongestWaitMs, limit.TotalMilliseconds) })).Good);
            if (job.IsFinal)
            {
                return job;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit, $"Not final within {limit.TotalSeconds} s: {job}");
        }
    }

    /// <summary>Submits and waits for the end.</summary>
    public async Task<JobRecord> RunAsync(string prompt, params (string Name, object Value)[] more) => await EndAsync((await SubmitAsync(prompt, more)).Id);

    public async Task<JsonElement> ResultAsync(string jobId) => (await CallAsync("llm_job_result", new { jobId })).Good;

    /// <summary>The text of the answer.</summary>
    public async Task<string> AnswerAsync(string jobId) => (await ResultAsync(jobId)).GetProperty("parsed").GetProperty("text").GetString()!;

    /// <summary>First page of both captured streams.</summary>
    public async Task<(string Stdout, string Stderr)> RawAsync(string jobId)
    {
        var result = (await CallAsync("llm_job_result", new { jobId, rawOutput = true, maxChars = 2_000_000 })).Good.GetProperty("result");
        return (result.GetProperty("stdout").GetString()!, result.GetProperty("stderr").GetString()!);
    }

    /// <summary>The whole of stdout, page after page, to its very end.</summary>
    public async Task<(string Text, int Pages)> StdoutPagesAsync(string jobId, int maxChars)
    {
        var text = new System.Text.StringBuilder();
        var pages = 0;
        for (long? offset = 0; offset is { } at; pages++)
        {
            var result = (await CallAsync("llm_job_result", new { jobId, rawOutput = true, maxChars, stdoutOffsetBytes = at })).Good.GetProperty("result");
            text.Append(result.GetProperty("stdout").GetString());
            offset = result.TryGetProperty("stdoutNextOffsetBytes", out var next) ? next.GetInt64() : null;
            Assert.True(offset is null || offset > at, string.Create(CultureInfo.InvariantCulture, $"the page at {at} led to {offset}"));
        }

        return (text.ToString(), pages);
    }

    public async Task<JobRecord> CancelAsync(string jobId) => Job((await CallAsync("llm_job_cancel", new { jobId })).Good);

    public async Task<JsonElement> HealthAsync() => (await CallAsync("llm_process_health", new { })).Good;

    public void Dispose() => _http.Dispose();

    private static JobRecord Job(JsonElement record) => new(record.GetProperty("job"));
}
