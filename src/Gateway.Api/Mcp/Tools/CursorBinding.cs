using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Tools;

/// <summary>What a cursor belongs to: a tool, its caller and all filters, but not the size of a page.</summary>
internal static class CursorBinding
{
    private const string Cursor = "cursor";

    /// <summary>The binding of a call.</summary>
    public static string Of(ToolCall call, string tool)
    {
        var filters = call.Arguments.Sent.Where(a => a.Key is not (Cursor or "limit")).Select(a => $"{a.Key}={a.Value.GetRawText()}");
        return $"{tool}\n{call.Identity.Caller.Tenant}\n{call.Identity.Caller.Grant}\n{string.Join('\n', filters)}";
    }

    /// <summary>Where the call's page begins; null for the first. A cursor that was not given out for this is a fault of the call.</summary>
    public static JobCursor? Open(ToolCall call, CursorSeal seal, string binding)
    {
        if (call.Arguments.Text(Cursor) is not { } text)
        {
            return null;
        }

        if (seal.Open(text, binding) is { } cursor)
        {
            return cursor;
        }

        call.Arguments.Faults.Add(Cursor, text, "nextCursor of a page with the same filters", "leave it out to begin at the first page");
        return null;
    }
}
