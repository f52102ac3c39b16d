using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEndTests.Support;

/// <summary>Tells which of many traps were sprung. A trap calls here: that also works from behind walls, where it could write no file that a test sees.</summary>
internal sealed class Traps : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Traps() => _listener.Start(backlog: 500);

    /// <summary>Where they call.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The command of a trap.</summary>
    public string Command(string name) => string.Create(CultureInfo.InvariantCulture, $"/bin/bash -c 'echo {name} >/dev/tcp/127.0.0.1/{((IPEndPoint)_listener.LocalEndpoint).Port}'");

    /// <summary>The names of those that called since this was asked last. All have called by the end of what was to spring them.</summary>
    public IReadOnlyList<string> Sprung()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        while (_listener.Pending())
        {
            using var caller = _listener.AcceptTcpClient();
            using var reader = new StreamReader(caller.GetStream());
            names.Add(reader.ReadLine() ?? "");
        }

        return [.. names];
    }

    public void Dispose() => _listener.Dispose();
}
