using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Gateway.EndToEndTests.Operators;

/// <summary>A collector that takes OTLP over HTTP and reads spans out of the bytes themselves.</summary>
internal sealed class OtlpCollector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<string> _metrics = new();
    private readonly ConcurrentQueue<string> _traces = new();

    public OtlpCollector()
    {
        Port = FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>Bodies of metrics as text: names stand in them as they are.</summary>
    public string Metrics => string.Concat(_metrics);

    /// <summary>Bodies of traces as text.</summary>
    public string Traces => string.Concat(_traces);

    public void Dispose() => _listener.Close();

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            Take(context.Request.Url?.AbsolutePath, body.ToArray());
            context.Response.Close();
        }
    }

    private void Take(string? path, byte[] body)
    {
        if (path == "/v1/metrics")
        {
            _metrics.Enqueue(Encoding.Latin1.GetString(body));
            return;
        }

        _traces.Enqueue(Encoding.Latin1.GetString(body));

        // ExportTraceServiceRequest.resource_spans(1).scope_spans(2).spans(2)
        foreach (var resource in Fields(body, 1))
        {
            foreach (var span in Fields(resource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                _spans.Enqueue(new OtlpSpan(Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), ServiceOf(resource)));
            }
        }
    }

    // ResourceSpans.resource(1).attributes(1): KeyValue with key(1) and value(2), whose string_value is 1.
    private static string ServiceOf(byte[] resource) => Fields(resource, 1).SelectMany(one => Fields(one, 1))
        .Where(attribute => Text(attribute, 1) == "service.name").Select(attribute => Text(Fields(attribute, 2)[0], 1)).FirstOrDefault() ?? "";

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault() ?? []);

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault() ?? []);

    /// <summary>The length-delimited fields of a number.</summary>
    private static List<byte[]> Fields(byte[] message, int wanted)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var key = (int)Number(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Number(message, ref at);
                    if (key >> 3 == wanted)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
