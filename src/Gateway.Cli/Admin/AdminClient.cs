using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Cli.Admin;

/// <summary>A running gateway as its operator sees it: through the socket in the data folder.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient http;

    /// <summary>Connects at the first call.</summary>
    /// <param name="folder">The data folder.</param>
    public AdminClient(string folder)
    {
        var endpoint = new UnixDomainSocketEndPoint(Path.Combine(folder, "admin.sock"));
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(endpoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        // Some acts take as long as they take: a drain waits for runs.
        { BaseAddress = new Uri("http://localhost/admin/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks for a record.</summary>
    /// <exception cref="AdminRefusedException">It was refused, in the gateway's words.</exception>
    /// <exception cref="HttpRequestException">No gateway answers.</exception>
    public async Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) => await ReadAsync(await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken), cancellationToken);

    /// <summary>Asks for an act.</summary>
    /// <exception cref="AdminRefusedException">It was refused, in the gateway's words.</exception>
    /// <exception cref="HttpRequestException">No gateway answers.</exception>
    public async Task<JsonObject> PostAsync(string path, CancellationToken cancellationToken) => await ReadAsync(await http.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken), cancellationToken);

    /// <summary>Asks with a record: what it holds stands in no log.</summary>
    /// <exception cref="AdminRefusedException">It was refused, in the gateway's words.</exception>
    /// <exception cref="HttpRequestException">No gateway answers.</exception>
    public async Task<JsonObject> PostAsync(string path, JsonObject record, CancellationToken cancellationToken)
    {
        using var content = new StringContent(record.ToJsonString(), Encoding.UTF8, "application/json");
        return await ReadAsync(await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken), cancellationToken);
    }

    /// <summary>Reads a piece of a stream.</summary>
    /// <returns>The bytes, and whether nothing comes after them.</returns>
    /// <exception cref="AdminRefusedException">It was refused, in the gateway's words.</exception>
    public async Task<(byte[] Bytes, bool IsEnd)> GetBytesAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            await ReadAsync(response, cancellationToken);
        }

        return (await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.TryGetValues("Gateway-End", out var end) && end.Single() == "true");
    }

    public void Dispose() => http.Dispose();

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var record = text.Length > 0 ? JsonNode.Parse(text) as JsonObject : null;
            return response.IsSuccessStatusCode && record is not null
                ? record
                : throw new AdminRefusedException(record?["error"]?.GetValue<string>() ?? $"The gateway answered {(int)response.StatusCode}. Is it older than this tool?");
        }
    }
}
