using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Nemesis.Clients;

/// <summary>A client of one gateway through the official SDK. A call that breaks off is unknown, never failed; the next one connects anew.</summary>
internal sealed class McpSession(string name, Uri url, string key) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private McpClient? _client;

    public string Name { get; } = name;

    public async Task<ToolAnswer> CallAsync(string tool, Dictionary<string, object?> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        McpClient? client = null;
        try
        {
            client = await ConnectedAsync(either.Token);
            var result = await client.CallToolAsync(tool, arguments, cancellationToken: either.Token).AsTask().WaitAsync(either.Token);
            return Read(result);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException or McpException or InvalidOperationException or JsonException or ObjectDisposedException)
        {
            await ForgetAsync(client);
            return new ToolAnswer(null, null, Retryable: true, $"{broken.GetType().Name}: {broken.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync(_client);
        _connecting.Dispose();
    }

    private static ToolAnswer Read(CallToolResult result)
    {
        var words = string.Join(' ', result.Content.OfType<TextContentBlock>().Select(b => b.Text));
        if (result.StructuredContent is not { } record)
        {
            return new ToolAnswer(null, null, Retryable: true, words);
        }

        return result.IsError == true
            ? new ToolAnswer(null, record.GetProperty("error").GetProperty("kind").GetString(), record.GetProperty("error").GetProperty("retryable").GetBoolean(), words)
            : new ToolAnswer(record, null, Retryable: false, words);
    }

    private async Task<McpClient> ConnectedAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _client ??= await McpClient.CreateAsync(
                new HttpClientTransport(new HttpClientTransportOptions
                {
                    Endpoint = new Uri(url, "/mcp"),
                    TransportMode = HttpTransportMode.StreamableHttp,
                    AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
                }),
                cancellationToken: cancellationToken).WaitAsync(cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task ForgetAsync(McpClient? broken)
    {
        if (broken is null || Interlocked.CompareExchange(ref _client, null, broken) != broken)
        {
            return;
        }

        try
        {
            await broken.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System);
        }
        catch (Exception gone) when (gone is not OutOfMemoryException)
        {
            // The server may be dead; there is nobody to say goodbye to.
        }
    }
}
