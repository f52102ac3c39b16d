using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>A caller that writes the bytes itself, as no library would.</summary>
internal sealed class RawCall(TcpClient client) : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RawCall> OpenAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        return new RawCall(client);
    }

    public ValueTask WriteAsync(string text) => client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), Token);

    /// <summary>The beginning of an answer, as soon as there is one.</summary>
    public async Task<string> ReadSomeAsync()
    {
        var buffer = new byte[4096];
        return Encoding.Latin1.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Token));
    }

    /// <summary>Everything that comes until the server closes; empty when it closes without a word.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var kept = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(kept, Token);
        }
        catch (IOException)
        {
            // Closed under us.
        }

        return Encoding.Latin1.GetString(kept.ToArray());
    }

    public void Dispose() => client.Dispose();
}
