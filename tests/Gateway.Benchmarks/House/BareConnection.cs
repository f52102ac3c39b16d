using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Benchmarks.House;

/// <summary>The same prepared request again and again over one connection, read no further than to its end: the driver must not cost what the server may use.</summary>
internal sealed class BareConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public BareConnection(Uri url, string key, byte[] body)
    {
        var head = $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {key}\r\nAccept: application/json, text/event-stream\r\n"
            + $"MCP-Protocol-Version: 2025-06-18\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        _request = [.. Encoding.ASCII.GetBytes(head), .. body];
        _socket.Connect(IPAddress.Loopback, url.Port);
    }

    public async Task CallAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(_request, cancellationToken);
        var length = 0;
        do
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += count > 0 ? count : throw new InvalidOperationException("The gateway closed the connection.");
        }
        while (!IsWhole(_buffer.AsSpan(0, length)));
        if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8) || _buffer.AsSpan(0, length).IndexOf("\"success\":true"u8) < 0)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, length));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        var lengthAt = answer[..head].IndexOf("Content-Length: "u8);
        if (lengthAt < 0)
        {
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        }

        var digits = answer[(lengthAt + "Content-Length: ".Length)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int length, out _) && answer.Length >= head + 4 + length;
    }
}
