using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Policies.Cases;

namespace Gateway.ConformanceTests.Policies;

/// <summary>An MCP client that writes the bytes of a case as they are.</summary>
internal sealed class CaseCaller : IDisposable
{
    // What a tool itself says of a call that the policy let through.
    private static readonly string[] OfTools = ["not_found", "conflict", "gone"];
    private readonly HttpClient http = new();

    public async Task<StepAnswer> CallAsync(Uri mcp, string key, string tool, string arguments, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(mcp, key, $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":{{{JsonSerializer.Serialize(tool)}}},"arguments":{{{arguments}}}}}""", cancellationToken);
        if (!answer.TryGetProperty("result", out var result))
        {
            return new StepAnswer { IsAllowed = false, Text = answer.GetProperty("error").GetProperty("message").GetString() ?? "" };
        }

        var record = result.GetProperty("structuredContent");
        var text = string.Join('\n', result.GetProperty("content").EnumerateArray().Select(block => block.GetProperty("text").GetString()));
        return record.TryGetProperty("error", out var error) ? OfError(error, text) : OfRecord(record, text);
    }

    public async Task<StepAnswer> ListAsync(Uri mcp, string key, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(mcp, key, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", cancellationToken);
        return new StepAnswer { Listed = [.. answer.GetProperty("result").GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString() ?? "")] };
    }

    public void Dispose() => http.Dispose();

    private static StepAnswer OfError(JsonElement error, string text) => new()
    {
        IsAllowed = OfTools.Contains(Text(error, "kind")),
        Text = $"{text}\n{Text(error, "message")}",
        Kind = Text(error, "kind"),
        Rule = Text(error, "rule"),
        Limit = Number(error, "limit"),
        Remaining = Number(error, "remaining"),
        RetryAfterSeconds = (int?)Number(error, "retryAfterSeconds"),
        PolicyHash = Text(error, "policyHash"),
        ApprovalId = Text(error, "approvalId"),
    };

    private static StepAnswer OfRecord(JsonElement record, string text) => new()
    {
        IsAllowed = true,
        Text = $"{text}\n{(record.TryGetProperty("approval", out var why) ? Text(why, "reason") : null)}",
        JobId = Text(record, "jobId"),
        JobStates = record.TryGetProperty("job", out var job) && Text(job, "status") is { } status ? [status] : [],
        ApprovalId = record.TryGetProperty("approval", out var asked) ? Text(asked, "id") : null,
    };

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    private static decimal? Number(JsonElement json, string name) => json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number ? found.GetDecimal() : null;

    private async Task<JsonElement> SendAsync(Uri mcp, string key, string message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, mcp) { Content = new StringContent(message, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data:".Length..].Trim())).First(one => one.TryGetProperty("id", out _));
    }
}
