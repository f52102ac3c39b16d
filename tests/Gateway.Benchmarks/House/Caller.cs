using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.House;

/// <summary>A bare MCP client: one request a call, kept-alive connections, no session.</summary>
internal sealed class Caller : IDisposable
{
    private const string Protocol = "2025-06-18";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) });
    private readonly Uri _url;
    private int _id;

    public string Key { get; }

    public Caller(string url, string key)
    {
        (_url, Key) = (new Uri(url), key);
        _http.Timeout = TimeSpan.FromSeconds(60);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json, text/event-stream");
        _http.DefaultRequestHeaders.Add("MCP-Protocol-Version", Protocol);
    }

    /// <summary>Starts a job; its id.</summary>
    public async Task<string> SubmitAsync(string prompt, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("claude_request_async", new JsonObject { ["prompt"] = prompt }, cancellationToken);
        return answer.GetProperty("jobId").GetString() ?? throw new InvalidOperationException("No job id.");
    }

    /// <summary>The job's status word; with a wait, once it is final.</summary>
    public async Task<string> StatusAsync(string job, TimeSpan wait, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["jobId"] = job };
        if (wait > TimeSpan.Zero)
        {
            arguments["waitMs"] = (int)wait.TotalMilliseconds;
            arguments["waitFor"] = "terminal";
        }

        var answer = await CallAsync("llm_job_status", arguments, cancellationToken);
        return answer.GetProperty("job").GetProperty("status").GetString() ?? "";
    }

    /// <summary>Waits for the end of a job, whatever it is.</summary>
    public async Task<string> EndAsync(string job, CancellationToken cancellationToken)
    {
        string status;
        do
        {
            status = await StatusAsync(job, TimeSpan.FromSeconds(30), cancellationToken);
        }
        while (status is not ("completed" or "failed" or "canceled"));
        return status;
    }

    /// <summary>Calls a tool; its structured answer.</summary>
    public async Task<JsonElement> CallAsync(string tool, JsonObject arguments, CancellationToken cancellationToken)
    {
        var result = await SendAsync("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments }, cancellationToken);
        using var answer = JsonDocument.Parse(result);
        var content = answer.RootElement.GetProperty("result").GetProperty("structuredContent").Clone();
        return content.GetProperty("success").GetBoolean() ? content : throw new InvalidOperationException($"{tool}: {content.GetProperty("error")}");
    }

    /// <summary>Sends a request; the JSON-RPC answer as it came.</summary>
    public async Task<string> SendAsync(string method, JsonObject? parameters, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Interlocked.Increment(ref _id), ["method"] = method, ["params"] = parameters };
        return await PostAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), cancellationToken);
    }

    /// <summary>Sends a prepared request; the answer as it came.</summary>
    public async Task<string> PostAsync(byte[] body, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _http.SendAsync(message, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"HTTP {(int)response.StatusCode}: {text}");
        }

        // Streamable HTTP may answer as one event; its data is the answer.
        var data = text.StartsWith('{') ? 0 : text.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length;
        return data == 0 ? text : text[data..].Trim();
    }

    public void Dispose() => _http.Dispose();
}
