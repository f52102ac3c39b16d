using System.Globalization;
using Gateway.ModelStub.Messages;

namespace Gateway.ModelStub;

/// <summary>What the command line says: <c>--urls URL</c> or <c>--port N</c> (0 = any free one), <c>--port-file FILE</c>, <c>--simulated</c>.</summary>
internal sealed record StubOptions(string Url, string? PortFile, bool Simulated)
{
    private const string SimulatedMark = "\n\n(simulated answer: no model was asked)";

    /// <summary>A last answer that says of itself that no model gave it, where the command line asks for that.</summary>
    public Reply Mark(Reply reply) => Simulated && reply is { Error: null, StopReason: "end_turn", Blocks: [.., Block.Text last] }
        ? reply with { Blocks = [.. reply.Blocks.SkipLast(1), new Block.Text(last.Value + SimulatedMark)] }
        : reply;

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
