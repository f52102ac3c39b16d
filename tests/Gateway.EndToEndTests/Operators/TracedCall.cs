using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>A caller whose own trace goes on in the gateway.</summary>
internal static class TracedCall
{
    public const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>Submits a prompt; the id of its job.</summary>
    public static async Task<string> SubmitAsync(GatewayProcess gateway, string prompt)
    {
        using var http = new HttpClient();
        var call = JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 1, method = "tools/call", @params = new { name = "claude_request_async", arguments = new { prompt } } });
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new StringContent(call, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return Regex.Match(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "job_[a-z2-7]{26}").Value;
    }
}
