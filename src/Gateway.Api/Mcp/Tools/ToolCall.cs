using Gateway.Api.Auth;
using Gateway.Api.Mcp.Arguments;
using Gateway.Api.Policies;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Gateway.Api.Mcp.Tools;

/// <summary>One call after its arguments were checked.</summary>
internal sealed record ToolCall
{
    public required Identity Identity { get; init; }

    public required ParsedArguments Arguments { get; init; }

    public required IJobDesk Jobs { get; init; }

    /// <summary>What the caller's policy says of it.</summary>
    public required CallPolicy Policy { get; init; }

    /// <summary>The request as it came; null in tests that call a tool by hand.</summary>
    public RequestContext<CallToolRequestParams>? Request { get; init; }

    /// <summary>W3C trace context of the call.</summary>
    public string? TraceParent { get; init; }
}
