using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>A model stub of its own for a test class.</summary>
public sealed class ModelStubProcess : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private Process? _process;

    public string Url { get; private set; } = "";

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask StartAsync(params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(BuiltPrograms.ModelStub, ["--port", "0", .. arguments]) { RedirectStandardOutput = true })!;
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The model stub did not start.");
        Url = line.Split(' ')[^1];
        _http.BaseAddress = new Uri(Url);
    }

    /// <summary>The requests of one conversation, oldest first.</summary>
    public async Task<IReadOnlyList<StubRequest>> RequestsOfAsync(string sessionId) => [.. (await RequestsAsync()).Where(r => r.SessionId == sessionId)];

    /// <summary>The requests of all conversations, oldest first.</summary>
    public async Task<IReadOnlyList<StubRequest>> RequestsAsync() => (await _http.GetFromJsonAsync<StubRequest[]>("/_stub/requests"))!;

    /// <summary>Ends when a request waits at the gate.</summary>
    public Task ReachedAsync(string gate, CancellationToken cancellationToken) => _http.GetAsync(new Uri($"/_stub/reached/{gate}", UriKind.Relative), cancellationToken);

    public Task ReleaseAsync(string gate, CancellationToken cancellationToken) => _http.PostAsync(new Uri($"/_stub/release/{gate}", UriKind.Relative), null, cancellationToken);

    /// <summary>One request as a client of the API would send it.</summary>
    public Task<HttpResponseMessage> AskAsync(string prompt, string sessionId, bool stream, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/v1/messages?beta=true")
        {
            Content = JsonContent.Create(new { model = "claude-opus-5-5", stream, messages = new[] { new { role = "user", content = prompt } }, metadata = new { user_id = JsonSerializer.Serialize(new { session_id = sessionId }) } }),
        };
        message.Headers.Add("x-api-key", CliHome.Key);
        return _http.SendAsync(message, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
