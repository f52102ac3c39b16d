using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.McpServers;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Servers;

/// <summary>Which of the registered MCP servers a run gets: those that its call names, when they are open to its caller and CLI.</summary>
internal sealed class McpServerRule(IOptions<RegisteredServersOptions> options)
{
    /// <summary>The argument that names them.</summary>
    public const string Argument = "mcpServers";

    /// <summary>Most of them in one run.</summary>
    public const int MostServers = 16;

    /// <summary>The argument. A definition in place of a name is no name: a caller brings no servers of its own.</summary>
    public static ListSpec Spec => new(Argument, MostServers, new TextSpec("name", 1, 64) { Remedy = "name a server that the operator has registered" });

    /// <summary>The servers that a call names. Adds a fault for each that is not open; the value counts only without faults.</summary>
    /// <param name="arguments">The call.</param>
    /// <param name="tenant">Tenant of the caller.</param>
    /// <param name="cli">The CLI.</param>
    public IReadOnlyList<McpServerEntry> Check(ParsedArguments arguments, string tenant, string cli)
    {
        var open = options.Value.Where(one => one.Value.IsOpenTo(tenant, cli)).ToDictionary(StringComparer.Ordinal);
        List<McpServerEntry> found = [];
        foreach (var (index, name) in arguments.List(Argument).Index())
        {
            if (open.TryGetValue(name, out var server))
            {
                found.Add(server);
                continue;
            }

            arguments.Faults.Add(
                $"{Argument}[{index}]",
                name,
                "a server that is registered and open to you",
                open.Count == 0 ? "leave it out: none is open to you" : $"name one of {string.Join(", ", open.Keys.Order(StringComparer.Ordinal))}");
        }

        return found;
    }
}
