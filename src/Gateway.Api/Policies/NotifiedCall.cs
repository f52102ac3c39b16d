using System.Diagnostics;
using Gateway.Api.Auth;
using Gateway.Api.Mcp.Answers;
using Gateway.Api.Mcp.Tools;
using Gateway.Jobs.Audit;
using Gateway.Policies;

namespace Gateway.Api.Policies;

/// <summary>A call that was sent as a notification: nobody could be told what became of it, so nothing becomes of it but a record.</summary>
internal static class NotifiedCall
{
    private const string Unknown = "(unknown)";
    private const string Reason = "sent as a notification, without an id: dropped";
    private static readonly HashSet<string> NoArguments = [];

    /// <summary>Records it, and answers as JSON-RPC wants it: with nothing.</summary>
    /// <param name="context">The request of a known caller.</param>
    /// <param name="tool">The tool that it names; of a name that is none's it is only said that it is unknown.</param>
    public static Task DropAsync(HttpContext context, string? tool)
    {
        var desk = context.RequestServices.GetRequiredService<IJobDesk>();
        var facts = tool is null ? null : context.RequestServices.GetRequiredService<ToolCatalog>().Find(tool);
        var origin = new CallOrigin(null, null, Activity.Current?.TraceId.ToHexString());
        var call = new CallPolicy(Identity.Of(context.User), facts ?? new ToolFacts(Unknown, IsStarter: false, IsReadOnly: false, NoArguments), null, origin, desk.Now, desk.Audit,
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(NotifiedCall)));
        PolicyTelemetry.CallDecided(AuditDecisions.Denied, ErrorKinds.InvalidInput);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return desk.RecordAsync(call.Record with { Decision = AuditDecisions.Denied, Kind = ErrorKinds.InvalidInput, Reason = Reason }, context.RequestAborted);
    }
}
