using System.Linq.Expressions;
using Gateway.Jobs;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.Storage.Model;

namespace Gateway.Storage.Sessions;

/// <summary>Rows of sessions: whose they are, and what their owner sees.</summary>
internal static class SessionRows
{
    /// <summary>Tenant and grant of a session that is leaving. Every statement names an owner, and nobody has this name.</summary>
    public const string Nobody = "";

    /// <summary>The caller's sessions.</summary>
    public static IQueryable<SessionRow> Of(GatewayDb db, Caller caller) => db.Sessions.Where(s => s.Tenant == caller.Tenant && s.Grant == caller.Grant);

    /// <summary>Sessions that a job needs which has not ended: one of their own, or one that begins with what they hold.</summary>
    public static Expression<Func<SessionRow, bool>> IsNeeded(GatewayDb db) => session => db.Jobs.Any(
        j => j.Tenant == session.Tenant && j.Grant == session.Grant && j.FinishedAtMs == null
            && (j.SessionId == session.SessionId || db.Requests.Any(r => r.JobId == j.CorrelationId && r.ResumesSessionId == session.SessionId)));

    /// <summary>As the owner sees it.</summary>
    public static SessionRecord ToRecord(this SessionRow row, Guid? active) => new()
    {
        Id = row.SessionId,
        Cli = row.Cli,
        Description = row.Description,
        Workspace = row.Workspace,
        WorkingDirectory = row.WorkingDirectory,
        WorktreeJson = row.WorktreeJson,
        ProviderSessionId = row.ProviderSessionId,
        Model = row.Model,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs),
        LastUsedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.LastUsedAtMs),
        IsActive = active == row.SessionId,
        JobCount = row.JobCount,
        LastJobId = row.LastJobId,
        HasBegun = row.HeadJobId is not null,
        CostUsd = row.CostUsd,
        Usage = row.InputTokens is null && row.OutputTokens is null && row.CacheReadTokens is null && row.CacheCreationTokens is null
            ? null
            : new TokenUsage(row.InputTokens ?? 0, row.OutputTokens ?? 0, row.CacheReadTokens ?? 0, row.CacheCreationTokens ?? 0),
    };

    /// <summary>A new row without any job.</summary>
    public static SessionRow NewRow(Caller caller, NewSession session, long nowMs) => new()
    {
        SessionId = Guid.NewGuid(),
        Tenant = caller.Tenant,
        Grant = caller.Grant,
        Cli = session.Cli,
        Description = session.Description,
        Workspace = session.Workspace,
        WorkingDirectory = session.WorkingDirectory,
        CreatedAtMs = nowMs,
        LastUsedAtMs = nowMs,
    };
}
