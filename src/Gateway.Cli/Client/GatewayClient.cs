using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Cli.Client;

/// <summary>A gateway as an MCP client sees it.</summary>
internal sealed class GatewayClient(McpClient client) : IAsyncDisposable
{
    /// <summary>Connects with an API key.</summary>
    /// <param name="url">The endpoint, such as <c>http://127.0.0.1:7420/mcp</c>.</param>
    /// <param name="key">The API key.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<GatewayClient> ConnectAsync(Uri url, string key, CancellationToken cancellationToken)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = url,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        });
        return new GatewayClient(await McpClient.CreateAsync(transport, cancellationToken: cancellationToken));
    }

    /// <summary>Calls a tool and answers its record.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ToolRefusedException">The tool answered with an error.</exception>
    public async Task<JsonObject> CallAsync(string tool, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        var result = await client.CallToolAsync(tool, arguments, cancellationToken: cancellationToken);
        if (result.IsError == true)
        {
            throw new ToolRefusedException(string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text)));
        }

        return result.StructuredContent is { ValueKind: JsonValueKind.Object } content
            ? JsonObject.Create(content) ?? []
            : throw new ToolRefusedException($"{tool} answered without a record; is this a Gateway?");
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
