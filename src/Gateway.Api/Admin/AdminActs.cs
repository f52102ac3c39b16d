using Gateway.Hosting.Operators;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;

namespace Gateway.Api.Admin;

/// <summary>Records what operators do.</summary>
internal sealed class AdminActs(IAuditLog audit, IStoreClock time)
{
    /// <summary>The operator, as records name it.</summary>
    /// <param name="context">The operator's call.</param>
    public static string NameOf(HttpContext context) => $"operator:{AdminSocket.PeerOf(context)}";

    /// <summary>The record of an act.</summary>
    /// <param name="context">The operator's call.</param>
    /// <param name="method">One of <see cref="AuditMethods"/>.</param>
    /// <param name="subject">What it is about where that is no job.</param>
    public AuditRecord Of(HttpContext context, string method, string? subject = null) => new()
    {
        At = time.GetUtcNow(),
        TraceId = System.Diagnostics.Activity.Current?.TraceId.ToHexString(),
        Caller = NameOf(context),
        Method = method,
        Subject = subject,
        Decision = AuditDecisions.Allowed,
    };

    /// <summary>Records an act that the store has no part in, before it is done.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">It must not be done.</exception>
    public Task RecordAsync(AuditRecord record, CancellationToken cancellationToken) => audit.AppendAsync(record, cancellationToken);
}
