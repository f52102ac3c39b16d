using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Whoever floods or dawdles is cut off, and others are served meanwhile. On real sockets.</summary>
public sealed class ServerLimitSpecs
{
    private const int Settings = 4;
    private const int MaxConcurrentStreams = 3;
    private const int FrameHead = 9;
    private static readonly TimeSpan ServersOwn = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slow_headers_are_cut_off_and_health_is_green_meanwhile()
    {
        await using var host = await EdgeHost.StartAsync(("Edge:Limits:HeadersTimeout", "00:00:01"));
        var slow = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            var call = await RawCall.OpenAsync(host.Mcp);
            await call.WriteAsync("POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            return call;
        }));

        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(200, await HealthAsync(host));
        Assert.All(await Task.WhenAll(slow.Select(call => call.ReadToEndAsync())), answer => Assert.Contains(" 408 ", answer, StringComparison.Ordinal));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < ServersOwn, "The setting did not count.");
        Array.ForEach(slow, call => call.Dispose());
    }

    [Theory]
    [InlineData(200, 10)]
    [InlineData(5, 10_000)]
    [InlineData(1, 70_000)]
    public async Task A_flood_of_headers_is_431_before_anybody_asks_who_sends_it(int count, int length)
    {
        await using var host = await EdgeHost.StartAsync();
        using var call = await RawCall.OpenAsync(host.Mcp);
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length)}\r\n"));

        var reading = call.ReadToEndAsync();
        try
        {
            await call.WriteAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        }
        catch (IOException)
        {
            // Cut off while it was still sending.
        }

        Assert.Matches("^(HTTP/1.1 431 |$)", await reading);
        Assert.Equal(200, await HealthAsync(host));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_body_of_100_MB_little_is_read(bool announced)
    {
        const long Size = 100L * 1024 * 1024;
        await using var host = await EdgeHost.StartAsync();
        var request = host.Post("{}");
        var body = new EndlessBody(Size, announced);
        request.Content = body;
        request.Headers.ExpectContinue = false;

        try
        {
            using var response = await host.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // Cut off while it was still sending.
        }

        Assert.True(body.Sent < Size / 3, $"{body.Sent} bytes were taken.");
        Assert.Equal(200, await HealthAsync(host));
    }

    [Theory]
    [InlineData("Edge:Limits:MaxConnectionsPerAddress", 3)]
    [InlineData("Edge:Limits:MaxConnections", 10)]
    public async Task A_caller_that_holds_its_share_of_connections_or_all_gets_no_more_until_it_gives_one_back(string setting, int most)
    {
        await using var host = await EdgeHost.StartAsync((setting, $"{most}"));
        var held = new List<RawCall>();
        for (var i = 0; i < most; i++)
        {
            // Served, and so counted, before the next one comes.
            held.Add(await RawCall.OpenAsync(host.Mcp));
            await held[i].WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await held[i].ReadSomeAsync(), StringComparison.Ordinal);
        }

        using (var further = await RawCall.OpenAsync(host.Mcp))
        {
            try
            {
                await further.WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            }
            catch (IOException)
            {
                // Closed before it had said a word.
            }

            Assert.Equal("", await further.ReadToEndAsync());
        }

        Assert.Equal(most == 3, host.Log.Any(line => line.Contains("MaxConnectionsPerAddress", StringComparison.Ordinal)));
        held[0].Dispose();
        string answer;
        do
        {
            // The server learns of the end in its own time.
            using var next = await RawCall.OpenAsync(host.Mcp);
            await next.WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            answer = await next.ReadToEndAsync();
        }
        while (answer.Length == 0);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        held.ForEach(call => call.Dispose());
    }

    [Fact]
    public async Task A_proxy_that_is_named_is_not_held_to_one_caller_s_share()
    {
        await using var host = await EdgeHost.StartAsync(("Edge:Limits:MaxConnectionsPerAddress", "1"), ("Edge:TrustedProxies:0", "127.0.0.0/8"));
        using var first = await RawCall.OpenAsync(host.Mcp);
        await first.WriteAsync("GET /health/live HTTP/1.1\r\n");

        Assert.Equal(200, await HealthAsync(host));
    }

    [Fact]
    public async Task A_thousand_streams_on_one_connection_are_taken_as_many_at_a_time_as_is_set_and_health_is_green()
    {
        using var authority = new TestAuthority();
        using var folder = new TestFolder();
        TestAuthority.Write(authority.Issue(), folder.File("tls.crt"), folder.File("tls.key"));
        await using var host = await EdgeHost.StartAsync(("Edge:Tls:CertificateFile", folder.File("tls.crt")), ("Edge:Tls:KeyFile", folder.File("tls.key")), ("Edge:Limits:MaxStreamsPerConnection", "50"));
        host.Trust(authority.Certificate);
        using var client = new TcpClient();
        await client.ConnectAsync(host.Mcp.Host, host.Mcp.Port, Token);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                CertificateChainPolicy = EdgeHost.PolicyOf(authority.Certificate),
            },
            Token);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Token);
        await stream.WriteAsync(new byte[] { 0, 0, 0, Settings, 0, 0, 0, 0, 0 }, Token);

        var most = await ReadMaxStreamsAsync(stream);
        try
        {
            await stream.WriteAsync(Enumerable.Range(0, 1000).SelectMany(i => OpenStream((i * 2) + 1)).ToArray(), Token);
        }
        catch (IOException)
        {
            // The server has had enough and closed.
        }

        Assert.Equal(50, most);
        Assert.Equal(200, await HealthAsync(host));
    }

    private static async Task<int> HealthAsync(EdgeHost host) => (await host.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(host.Mcp, "/health/ready")))).Status;

    // The first frame of a server says what it takes: pairs of two bytes of name and four of value.
    private static async Task<int> ReadMaxStreamsAsync(SslStream stream)
    {
        var head = new byte[FrameHead];
        await stream.ReadExactlyAsync(head, Token);
        Assert.Equal(Settings, head[3]);
        var pairs = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await stream.ReadExactlyAsync(pairs, Token);
        return pairs.Chunk(6).Where(pair => pair[1] == MaxConcurrentStreams).Select(pair => BinaryPrimitives.ReadInt32BigEndian(pair.AsSpan(2))).Single();
    }

    // HEADERS of a POST to / at localhost without the end of its body: method, scheme and path by their numbers, the host as text.
    private static byte[] OpenStream(int id)
    {
        byte[] headers = [0x83, 0x87, 0x84, 0x01, 9, .. "localhost"u8];
        return [0, 0, (byte)headers.Length, 1, 4, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, .. headers];
    }

    private sealed class EndlessBody : HttpContent
    {
        private readonly long size;
        private readonly bool announced;

        public EndlessBody(long size, bool announced)
        {
            (this.size, this.announced) = (size, announced);
            Headers.ContentType = new("application/json");
        }

        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            for (; Sent < size; Sent += piece.Length)
            {
                await stream.WriteAsync(piece, Token);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return announced;
        }
    }
}
