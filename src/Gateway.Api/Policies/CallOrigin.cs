using System.Diagnostics;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Gateway.Api.Policies;

/// <summary>Where a call came from, for the record of it.</summary>
/// <param name="RequestId">The client's id of the request.</param>
/// <param name="Session">The transport's session; null in the stateless mode.</param>
/// <param name="TraceId">W3C trace id.</param>
internal sealed record CallOrigin(string? RequestId, string? Session, string? TraceId)
{
    private const int MostIdChars = 64;

    public static CallOrigin Of(RequestContext<CallToolRequestParams>? request)
    {
        var id = request?.JsonRpcRequest.Id.ToString();
        return new CallOrigin(id is { Length: > MostIdChars } ? id[..MostIdChars] : id, request?.Server.SessionId, Activity.Current?.TraceId.ToHexString());
    }
}
