using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Gateway.Nemesis.House;

/// <summary>The broker as an operator sees it: through its management interface.</summary>
internal sealed class BrokerPages : IDisposable
{
    private const string Queues = "api/queues/%2F";

    private readonly HttpClient _http;

    public BrokerPages(Uri management, string userInfo)
    {
        _http = new HttpClient { BaseAddress = management, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(userInfo)));
    }

    /// <summary>Every queue: name, messages, and of these the unacknowledged.</summary>
    public async Task<IReadOnlyList<(string Name, long Messages, long Unacknowledged)>> QueuesAsync(CancellationToken cancellationToken) =>
        [.. (await _http.GetFromJsonAsync<JsonElement>(new Uri(Queues, UriKind.Relative), cancellationToken)).EnumerateArray()
            .Select(q => (q.GetProperty("name").GetString()!, Figure(q, "messages"), Figure(q, "messages_unacknowledged")))];

    public Task DeleteQueueAsync(string queue) => SendAsync(HttpMethod.Delete, $"{Queues}/{queue}", null);

    public Task PurgeQueueAsync(string queue) => SendAsync(HttpMethod.Delete, $"{Queues}/{queue}/contents", null);

    /// <summary>Ids of the messages in a queue, which stay there.</summary>
    public async Task<IReadOnlyList<string>> MessageIdsAsync(string queue)
    {
        var answer = await SendAsync(HttpMethod.Post, $"{Queues}/{queue}/get", """{"count":1000,"ackmode":"ack_requeue_true","encoding":"auto"}""");
        return [.. answer.EnumerateArray().Select(m => m.GetProperty("properties").TryGetProperty("message_id", out var id) ? id.GetString()! : "without id: " + m.GetProperty("payload").GetString()![..20])];
    }

    public void Dispose() => _http.Dispose();

    private static long Figure(JsonElement queue, string name) => queue.TryGetProperty(name, out var figure) && figure.ValueKind == JsonValueKind.Number ? figure.GetInt64() : 0;

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? text.Length == 0 ? default : JsonElement.Parse(text)
            : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
