using System.Globalization;

namespace Gateway.ModelStub;

/// <summary>What the command line says: <c>--urls URL</c> or <c>--port N</c> (0 = any free one), <c>--port-file FILE</c>, <c>--simulated</c>.</summary>
internal sealed record StubOptions(string Url, string? PortFile, bool Simulated)
{
    public static StubOptions Parse(string[] args)
    {
        var url = "http://127.0.0.1:0";
        string? portFile = null;
        var simulated = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--urls":
                    url = args[++i];
                    break;
                case "--port":
                    url = $"http://127.0.0.1:{int.Parse(args[++i], CultureInfo.InvariantCulture)}";
                    break;
                case "--port-file":
                    portFile = args[++i];
                    break;
                case "--simulated":
                    simulated = true;
                    break;
                default:
                    throw new ArgumentException($"Unknown argument '{args[i]}'. Known: --urls, --port, --port-file, --simulated.");
            }
        }

        return new StubOptions(url, portFile, simulated);
    }
}
